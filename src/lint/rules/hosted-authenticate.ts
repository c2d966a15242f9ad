import type { Rule } from '../rule.ts';
import { isSet } from '../subject.ts';

export const hostedAuthenticate: Rule = {
  id: 'HOSTED_AUTHENTICATE',
  severity: 'warning',
  title: 'An identity provider of your own signs people in',
  why: 'Pomerium’s hosted service cannot refresh sessions and hands over no tokens; it is meant for development, and people sign in again about every hour.',
  fix: 'write `authenticate_service_url` and the `idp_` keys of your own provider, or live with it while you try things',
  source: 'Pomerium documentation, Authentication',
  *check(subject) {
    const { options, data } = subject.config;
    if (!options) return;
    const isHosted = !isSet(subject, 'authenticate_service_url') || options.idp_provider === 'hosted';
    if (!isHosted) return;
    yield {
      path: 'idp_provider' in data ? ['idp_provider'] : [],
      message: 'people sign in at Pomerium’s hosted authenticate service',
    };
  },
};
