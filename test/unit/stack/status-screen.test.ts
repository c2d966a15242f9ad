import { describe, expect, test } from 'vitest';
import { exitOf, type UpResult } from '../../../src/commands/up.ts';
import type { StackStatus } from '../../../src/stack/engine.ts';
import { styleFor } from '../../../src/ui/colour.ts';
import { statusScreen } from '../../../src/ui/screens/status.ts';
import { upScreen } from '../../../src/ui/screens/up.ts';
import { testContext } from '../../helpers/context.ts';

const style = styleFor(testContext().stdout, { COLUMNS: '80' });

const STATUS: StackStatus = {
  engine: 'embedded',
  project: { name: 'gw', folder: '/gw' },
  state: 'unhealthy',
  pid: 4121,
  version: '0.1.0',
  startedAt: '2026-11-25T10:00:00.000Z',
  gateway: { url: 'https://localhost:8443', address: '127.0.0.1:8443' },
  certificate: {
    issuer: 'mcpgw development authority',
    names: ['one.localhost'],
    expiresAt: '2027-12-26T00:00:00.000Z',
  },
  services: [
    { name: 'gateway', kind: 'gateway', state: 'running', health: 'healthy', address: '127.0.0.1:8443', restarts: 0 },
    { name: 'mine', kind: 'server', state: 'crashed', health: 'unhealthy', detail: 'exited with code 7', restarts: 2 },
  ],
  routes: [
    {
      name: 'one',
      url: 'https://one.localhost:8443',
      who: 'group staff; only read_query, list_tables, describe_table',
      tools: 4,
    },
    { name: 'two', url: 'https://two.localhost:8443', who: 'anyone signed in' },
  ],
  users: [
    { email: 'member@example.com', expiresAt: '2026-11-25T12:00:00.000Z', sessions: 2 },
    { email: 'guest@example.com', seenAt: '2026-11-25T11:58:00.000Z' },
  ],
  pending: ['reload gateway: pomerium-config.yaml changed'],
};

describe('the status screen', () => {
  test('shows what is ill and why, who may use what, and what to type next', () => {
    const lines = statusScreen(STATUS, style).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toMatch(
      /^gw {3}not healthy since 2026-11-25 \d\d:00 {3}embedded engine, mcpgw 0\.1\.0, pid 4121$/,
    );
    expect(
      lines
        .slice(1)
        .map((line) =>
          line.replace(/until 2026-11-25 \d\d:00/, 'until <time>').replace(/call 2026-11-25 \d\d:58/, 'call <time>'),
        ),
    ).toEqual([
      '',
      '✓ gateway   running   127.0.0.1:8443',
      '✗ mine      crashed   exited with code 7; restarted 2 times',
      '',
      'one   https://one.localhost:8443   4 tools   group staff; only read_query,',
      '                                             list_tables, describe_table',
      'two   https://two.localhost:8443             anyone signed in',
      '',
      'Certificate   mcpgw development authority, valid until 2027-12-26',
      'Signed in     member@example.com until <time> (2 sessions)',
      '              guest@example.com, last call <time>',
      'Not in force  reload gateway: pomerium-config.yaml changed',
      '',
      'Next    mcpgw up          bring it up to date',
      '        mcpgw logs mine   see why',
      '',
    ]);
  });

  test('of a project that does not run is short', () => {
    const stopped: StackStatus = {
      ...STATUS,
      state: 'stopped',
      users: [],
      pending: [],
      routes: STATUS.routes.slice(1),
    };
    expect(statusScreen(stopped, style)).toBe(
      'gw   not running\n\ntwo   https://two.localhost:8443   anyone signed in\n\nNext    mcpgw up   start it\n',
    );
  });

  test('up shows what an ill service said last', () => {
    const unhealthy = [{ name: 'mine', detail: 'exited with code 7', lastLines: ['no database', 'x'.repeat(200)] }];
    const screen = upScreen({ kind: 'started', steps: [], unhealthy, causes: [], status: STATUS }, style);
    expect(screen).toContain('✗ mine: exited with code 7\n    no database\n    xxx');
    expect(Math.max(...screen.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('up on a gateway that no call goes through tells why, and offers no call', () => {
    const reason = 'identity: unknown provider: oidx';
    const lastLines = [`authenticate: failed to sign in, the identity provider cannot be used: ${reason}`];
    const detail = 'https://authenticate.localhost:8443 refused the sign-in as admin (status 500)';
    const text = '`idp_provider: oidx` is unknown';
    const cause = { id: 'FIL-03', area: 'files', title: 'settings', took: 1 } as const;
    const status: StackStatus = { ...STATUS, state: 'running', services: STATUS.services.slice(0, 1) };
    const result: UpResult = {
      kind: 'changed',
      steps: [],
      unhealthy: [{ name: 'one', detail, lastLines }],
      causes: [{ ...cause, finding: { kind: 'warning', text, fix: 'did you mean `oidc`?' } }],
      status,
    };
    const screen = upScreen(result, style);
    expect(screen).toContain(reason);
    expect(screen).toContain('! FIL-03  `idp_provider: oidx` is unknown\n          → did you mean `oidc`?');
    expect(screen).toContain('Next    mcpgw doctor');
    expect(screen).not.toContain('mcpgw token');
    expect(Math.max(...screen.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(exitOf(result)).toBe(3);
  });
});
