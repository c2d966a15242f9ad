import { expect, test } from 'vitest';
import { seenUsers } from '../../../../src/stack/docker/seen-users.ts';
import type { LogLine } from '../../../../src/stack/logs/log-line.ts';
import { PROBE_AGENT } from '../../../../src/stack/probe-agent.ts';
import { recorded } from './helpers.ts';

function line(time: string, fields: Record<string, unknown>): LogLine {
  return { time, service: 'pomerium', raw: '', fields };
}

function call(time: string, email: string, more: Record<string, unknown> = {}): LogLine {
  return line(time, { message: 'authorize check', 'request-id': `${time}${email}`, email, allow: true, ...more });
}

test('names who called, the latest first, from what Pomerium logs', () => {
  expect(seenUsers(recorded('call'), 0).map(({ email }) => email)).toEqual(['alice@company.com']);
});

test('a refused call, an older one, a probe of ours and who has signed out do not count', () => {
  const probe = call('2026-01-01T10:00:04Z', 'probe@example.com');
  const lines = [
    call('2026-01-01T08:00:00Z', 'old@example.com'),
    call('2026-01-01T10:00:00Z', 'a@example.com'),
    call('2026-01-01T10:00:01Z', 'b@example.com'),
    call('2026-01-01T10:00:02Z', 'refused@example.com', { allow: false }),
    call('2026-01-01T10:00:03Z', ''),
    probe,
    line('2026-01-01T10:00:05Z', {
      message: 'http-request',
      'request-id': probe.fields?.['request-id'],
      'user-agent': PROBE_AGENT,
    }),
    call('2026-01-01T10:00:06Z', 'a@example.com', { path: '/.pomerium/sign_out' }),
  ];
  expect(seenUsers(lines, Date.parse('2026-01-01T09:00:00Z'))).toEqual([
    { email: 'b@example.com', seenAt: '2026-01-01T10:00:01Z' },
  ]);
});
