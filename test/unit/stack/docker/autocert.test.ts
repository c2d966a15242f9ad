import { expect, test } from 'vitest';
import { certificatePending, readIssuance } from '../../../../src/stack/docker/autocert.ts';
import { recorded } from './helpers.ts';

test('certificates that were obtained are not pending', () => {
  expect(readIssuance(recorded('success-both-challenges'))).toEqual({
    obtained: ['one.acme.test'],
    failed: [],
    pending: [],
  });
  expect(certificatePending(recorded('success-both-challenges'))).toBeUndefined();
});

test('one that is being asked for is pending', () => {
  expect(certificatePending(recorded('success-both-challenges').slice(0, 1))).toMatchObject({
    code: 'CERTIFICATE_PENDING',
    message: 'no certificate has been issued yet for one.acme.test',
    exit: 3,
  });
});

test('one that was refused says what the authority answered', () => {
  const error = certificatePending(recorded('ports 80 and 443 closed for the validator'));
  expect(error?.message).toContain('one.acme.test, two.acme.test');
  expect(error?.why).toContain('one.acme.test: HTTP 403 urn:ietf:params:acme:error:unauthorized');
  expect(error?.fix).toContain('mcpgw restart pomerium');
});
