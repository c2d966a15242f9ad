import type { Rule } from '../rule.ts';
import { isSet } from '../subject.ts';

export const noSharedSecret: Rule = {
  id: 'NO_SHARED_SECRET',
  severity: 'warning',
  title: 'There is a shared secret',
  why: 'Pomerium makes up another one at every start, so each restart ends all tokens and refresh tokens: every MCP client has to sign in anew (`invalid_grant`).',
  fix: 'set SHARED_SECRET to the base64 of 32 random bytes: head -c32 /dev/urandom | base64',
  source: 'Pomerium v0.33.1 config/options.go',
  *check(subject) {
    if (!subject.config.options || isSet(subject, 'shared_secret') || isSet(subject, 'shared_secret_file')) return;
    yield { path: [], message: '`shared_secret` is not set' };
  },
};
