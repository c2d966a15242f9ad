import { describe, expect, test } from 'vitest';
import type { DryRunReport, Outcome } from '../../../src/doctor/issuance/dry-run/report.ts';
import { tellReport } from '../../../src/doctor/issuance/tell-report.ts';
import { explainProblem } from '../../../src/doctor/issuance/words.ts';

const DIRECTORY = 'https://acme-staging-v02.api.letsencrypt.org/directory';
const TELLING = { now: 1_000_000, again: 'mcpgw restart', isChosen: false };
const VALID: Outcome = { kind: 'valid', means: 'listener' };
const invalid = (type: string): Outcome => ({
  kind: 'invalid',
  means: 'listener',
  problem: { type, detail: 'words of its own' },
});

function tried(
  http: Outcome,
  tls: Outcome,
  more: Partial<Extract<DryRunReport, { kind: 'tried' }>> = {},
): DryRunReport {
  const host = 'one.example.org';
  return {
    kind: 'tried',
    directory: DIRECTORY,
    leftOver: [],
    trials: [
      { host, type: 'http-01', port: 80, outcome: http },
      { host, type: 'tls-alpn-01', port: 443, outcome: tls },
    ],
    ...more,
  };
}

describe('a dry run in words', () => {
  test('well ended, says that no certificate was made', () => {
    expect(tellReport(tried(VALID, { kind: 'valid', means: 'store' }), TELLING)).toEqual({
      kind: 'ok',
      text: 'acme-staging-v02.api.letsencrypt.org validated one.example.org',
      evidence: [
        `asked ${DIRECTORY}; no certificate was made, the account is closed`,
        'one.example.org http-01 on port 80: valid, answered by doctor',
        'one.example.org tls-alpn-01 on port 443: valid, answered by the running gateway',
      ],
    });
  });

  test('one challenge suffices, the other is worth a warning', () => {
    expect(tellReport(tried(invalid('connection'), VALID), TELLING)).toMatchObject({
      kind: 'warning',
      text: 'one.example.org: one.example.org cannot be reached from outside on port 80; http-01 fails, the other challenge does not',
    });
  });

  test('a port held by another program is no matter when the other one is valid', () => {
    expect(tellReport(tried({ kind: 'not tried', reason: 'held', text: 'port 80 is held' }, VALID), TELLING).kind).toBe(
      'ok',
    );
  });

  test('both held is told, and is no failure', () => {
    const held: Outcome = { kind: 'not tried', reason: 'held', text: 'port 80 is held' };
    expect(tellReport(tried(held, held), TELLING).kind).toBe('warning');
  });

  test.each([
    ['connection', 'cannot be reached from outside'],
    ['dns', 'finds no address'],
    ['unauthorized', 'is not this machine'],
    ['incorrectResponse', 'is not this machine'],
    ['caa', 'CAA records forbid'],
    ['tls', 'could not agree on TLS'],
    ['malformed', 'could not make sense'],
    ['serverInternal', 'has a fault of its own'],
    ['rejectedIdentifier', 'issues no certificate'],
    ['somethingNew', 'refuses one.example.org: somethingNew'],
  ])('%s is a failure', (type, text) => {
    expect(tellReport(tried(invalid(type), invalid(type)), TELLING)).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining(text),
    });
  });

  test('a rate limit is no fault of this machine', () => {
    const refused: Outcome = {
      kind: 'refused',
      retryAt: Date.UTC(2026, 0, 2, 3, 4),
      problem: { type: 'rateLimited', detail: '' },
    };
    expect(tellReport(tried(refused, refused), TELLING)).toMatchObject({
      kind: 'warning',
      text: expect.stringContaining('takes no more orders before 2026-01-02 03:04 UTC'),
    });
  });

  test('a clock that is off is told', () => {
    expect(tellReport(tried(VALID, VALID, { serverTime: TELLING.now + 3_600_000 }), TELLING)).toMatchObject({
      kind: 'warning',
      text: 'this machine’s clock and the authority’s are 60 minutes apart',
    });
  });

  test('what could not be taken back is told', () => {
    const { evidence } = tellReport(tried(VALID, VALID, { leftOver: ['account'] }), TELLING) as { evidence: string[] };
    expect(evidence).toContain('not taken back: account');
  });

  test.each([
    ['ENOTFOUND', 'is not known to DNS here'],
    ['ECONNREFUSED', 'refuses connections'],
    ['TIMEOUT', 'does not answer'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is not trusted here'],
    ['HTTP 404', 'is no ACME directory'],
  ])('an authority that fails with %s is a fault where it was named', (code, text) => {
    const report: DryRunReport = { kind: 'unreachable', directory: DIRECTORY, code, message: '' };
    expect(tellReport(report, TELLING)).toMatchObject({ kind: 'warning', text: expect.stringContaining(text) });
    expect(tellReport(report, { ...TELLING, isChosen: true }).kind).toBe('failure');
  });
});

test.each([
  'badNonce',
  'accountDoesNotExist',
  'externalAccountRequired',
  'userActionRequired',
  'invalidContact',
  'unsupportedContact',
  'unsupportedIdentifier',
])('%s has words and a fix of its own', (type) => {
  const where = { host: 'one.example.org', directory: DIRECTORY, again: 'mcpgw restart' };
  const { text, fix } = explainProblem({ type, detail: 'words of its own' }, where);
  expect(text).not.toContain(type);
  expect(fix).not.toContain('words of its own');
});
