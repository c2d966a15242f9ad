import { describe, expect, test } from 'vitest';
import { readIssuanceLog } from '../../../src/doctor/issuance/log/issuance-log.ts';
import { recorded } from './world.ts';

function hostIn(name: string, host = 'one.acme.test'): ReturnType<typeof readIssuanceLog>['hosts'][number] {
  const found = readIssuanceLog(recorded(name)).hosts.find((one) => one.host === host);
  if (!found) throw new Error(`${name} does not speak of ${host}`);
  return found;
}

describe('the recorded log', () => {
  test.each([
    'success-both-challenges',
    'success-tls-alpn-only (probes, host added by reload)',
    'success-http-01-only (probes, host added by reload)',
    'success-slow-validation',
    'static certificate for one host beside autocert',
    'killed while issuing, started again',
    'stored certificate expired, ACME up at start',
    'must-staple, OCSP responder down',
    'fails, repaired, SIGHUP',
    'ACME account unknown to the server',
  ])('of %s tells a certificate', (name) => {
    const host = hostIn(name);
    expect(host.state).toBe('obtained');
    expect(host.cause).toBeUndefined();
  });

  test.each([
    ['problem dns (type and wording simulated)', 'dns'],
    ['name points to another server', 'unauthorized'],
    ['ports 80 and 443 closed for the validator', 'connection'],
    ['problem caa at the challenge (simulated)', 'caa'],
    ['problem caa at finalize (simulated)', 'caa'],
    ['rate limit at newOrder, Retry-After 3600 (simulated)', 'rateLimited'],
    ['rate limit at newAccount (simulated)', 'rateLimited'],
    ['EAB required, none set', 'externalAccountRequired'],
    ['EAB wrong mac', 'unauthorized'],
    ['autocert_email malformed', 'invalidContact'],
    ['name rejected by policy', 'rejectedIdentifier'],
    ['NXDOMAIN (wording of Pebble)', 'malformed'],
  ])('of %s tells the problem by its type', (name, type) => {
    const { state, cause } = hostIn(name);
    expect(state).toBe('failed');
    expect(cause).toMatchObject({ kind: 'problem', problem: { type } });
  });

  test.each([
    ['ACME server down', 'authority refuses connections'],
    ['ACME server name not resolvable (default CA)', 'authority unknown'],
    ['autocert_use_staging, no egress', 'authority unknown'],
    ['ACME CA not trusted', 'authority untrusted'],
    ['ACME CA in autocert_trusted_ca_file only', 'authority untrusted'],
    ['ACME server answers 503', 'no ACME there'],
    ['autocert_ca path wrong', 'no ACME there'],
    ['autocert_ca no URL', 'no ACME there'],
    ['autocert_ca with http', 'authority insecure'],
    ['autocert_dir not writable', 'storage not writable'],
    ['autocert_dir read-only', 'storage read-only'],
    ['autocert_dir full', 'storage full'],
    ['autocert_dir is a file', 'storage broken'],
    ['stored key of another certificate', 'storage broken'],
    ['stored key unreadable', 'storage broken'],
    ['stored .crt corrupt, another .key missing', 'storage broken'],
    ['no right to low ports', 'no right to the port'],
    ['stored certificates due, ACME down at start', 'authority refuses connections'],
  ])('of %s tells why', (name, kind) => {
    const { state, cause } = hostIn(name);
    expect(state).toBe('failed');
    expect(cause?.kind).toBe(kind);
  });

  test.each(['ACME server accepts and never answers', 'egress to the ACME server dropped'])(
    'of %s tells that it still waits, and for whom',
    (name) => expect(hostIn(name)).toMatchObject({ state: 'pending', cause: { kind: 'authority silent' } }),
  );

  test('names local names that no public authority takes', () => {
    expect(hostIn('local names with a public CA', 'mcp.local')).toMatchObject({
      state: 'failed',
      cause: { kind: 'local name' },
    });
  });

  test('keeps hosts apart', () => {
    const name = 'first of two hosts fails';
    expect([hostIn(name).state, hostIn(name, 'two.acme.test').state]).toEqual(['failed', 'obtained']);
  });

  test('counts failed challenges also of a host that has its certificate', () => {
    const { failedChallenges } = hostIn('443 closed, 80 open');
    expect(failedChallenges.map(({ type }) => type)).toEqual(['tls-alpn-01']);
  });

  test('takes the date of a rate limit from its text', () => {
    const { rateLimits } = readIssuanceLog(recorded('rate limit at newOrder, Retry-After 3600 (simulated)'));
    expect(rateLimits).toHaveLength(1);
    expect(rateLimits[0]?.retryAt).toBe(Date.UTC(2026, 10, 24, 5));
  });

  test('tells a port 80 that could not be opened', () => {
    expect(readIssuanceLog(recorded('port 80 taken by another program')).redirectFault).toContain(
      'address already in use',
    );
  });

  test('tells a renewal that hangs and whom it asks', () => {
    const all = recorded('renewal fails while running, ACME CA private; reload during it; stopped at the end');
    const running = all.filter(({ fields }) => String(fields?.['time']) < '2026-11-23T17:20');
    expect(readIssuanceLog(running).stuckRenewal).toMatchObject({ attempts: 5, staging: true });
  });

  test('tells a certificate that did not reach Envoy', () => {
    const name = 'renewal while running, new certificate not handed to Envoy (context canceled)';
    expect(readIssuanceLog(recorded(name)).lostHandOver).toEqual(['one.acme.test', 'two.acme.test']);
  });

  test('takes the traces of probes for none', () => {
    expect(readIssuanceLog(recorded('autocert off, acme-tls/1 probed')).hosts).toEqual([]);
  });
});
