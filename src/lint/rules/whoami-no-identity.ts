import type { Rule } from '../rule.ts';
import { serverRoutesOf } from '../subject.ts';

export const whoamiNoIdentity: Rule = {
  id: 'WHOAMI_NO_IDENTITY',
  severity: 'warning',
  title: 'A server that asks who calls is told',
  why: 'Without `pass_identity_headers` the signed assertion is not sent, and `whoami` answers that there is no identity.',
  fix: 'write `pass_identity_headers: true` on the route',
  source: 'Pomerium v0.33.1 authorize/evaluator/headers_evaluator_evaluation.go',
  *check(subject) {
    for (const { route, path } of serverRoutesOf(subject)) {
      if (!route.to.some(({ url }) => /\/whoami\/?$/.test(url))) continue;
      if (route.pass_identity_headers ?? subject.config.options?.pass_identity_headers) continue;
      yield {
        path,
        message: `${route.from} leads to whoami without the identity`,
        mends: [{ path: [...path, 'pass_identity_headers'], value: true }],
      };
    }
  },
};
