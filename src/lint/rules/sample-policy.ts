import type { Rule } from '../rule.ts';
import { routesOf } from '../subject.ts';

/** Of examples; nobody who writes one of them means it. */
const SAMPLES = ['pomerium.com', 'example.com', 'example.org', 'your-domain', 'yourdomain.com', 'your-company.com'];

export const samplePolicy: Rule = {
  id: 'SAMPLE_POLICY',
  severity: 'warning',
  title: 'The policy names your own domain',
  why: 'The domain of an example admits its owner’s people and nobody of yours: every call is refused.',
  fix: 'write the domain of your users’ e-mail addresses',
  source: 'the sample configurations of pomerium/mcp-servers and pomerium/mcp-app-demo',
  *check(subject) {
    // With a development identity provider the users are of example.com.
    if (subject.compose?.model.services.some(({ name }) => name === 'idp')) return;
    for (const { route, path } of routesOf(subject)) {
      for (const [i, rule] of (route.policy ?? []).entries()) {
        const domains = rule.conditions.flatMap(({ criteria }) =>
          criteria.filter(({ name }) => name === 'domain').flatMap(({ data }) => namesIn(data)),
        );
        const sample = domains.find((domain) => SAMPLES.includes(domain.toLowerCase()));
        if (sample !== undefined)
          yield { path: [...path, 'policy', i], message: `the policy admits ${sample}, the domain of an example` };
      }
    }
  },
};

function namesIn(data: unknown): string[] {
  if (typeof data === 'string') return [data];
  const values = typeof data === 'object' && data !== null ? Object.values(data as Record<string, unknown>).flat() : [];
  return values.filter((value): value is string => typeof value === 'string');
}
