import type { Rule } from '../rule.ts';

export const clientDomainPattern: Rule = {
  id: 'CLIENT_DOMAIN_PATTERN',
  severity: 'warning',
  title: 'Entries of the domain lists are host names',
  why: 'The list is compared with the host name alone; an entry with a scheme, a port or a path matches nothing, and a lone `*` matches only names without a dot.',
  fix: 'write the host name: `claude.ai`, or `*.example.com` for every name directly below it',
  source: 'Pomerium v0.33.1 internal/mcp/domain_matcher.go',
  *check({ config: { options } }) {
    for (const key of ['mcp_allowed_client_id_domains', 'mcp_allowed_as_metadata_domains'] as const) {
      for (const [i, entry] of (options?.[key] ?? []).entries()) {
        if (entry !== '*' && !/[:/]/.test(entry)) continue;
        yield { path: [key, i], message: `\`${entry}\` in \`${key}\` matches no host` };
      }
    }
  },
};
