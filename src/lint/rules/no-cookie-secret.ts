import type { Rule } from '../rule.ts';
import { isSet } from '../subject.ts';

export const noCookieSecret: Rule = {
  id: 'NO_COOKIE_SECRET',
  severity: 'warning',
  title: 'There is a cookie secret',
  why: 'Pomerium makes up another one at every start, so each restart signs every browser out.',
  fix: 'set COOKIE_SECRET to the base64 of 32 random bytes: head -c32 /dev/urandom | base64',
  source: 'Pomerium v0.33.1 config/options.go',
  *check(subject) {
    if (!subject.config.options || isSet(subject, 'cookie_secret') || isSet(subject, 'cookie_secret_file')) return;
    yield { path: [], message: '`cookie_secret` is not set' };
  },
};
