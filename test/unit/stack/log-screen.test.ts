import { describe, expect, test } from 'vitest';
import { parseLines } from '../../../src/stack/logs/log-line.ts';
import { styleFor } from '../../../src/ui/colour.ts';
import { LogFormatter } from '../../../src/ui/screens/logs.ts';
import { testContext } from '../../helpers/context.ts';

const style = styleFor(testContext().stdout, {});

function show(service: string, ...entries: Record<string, unknown>[]): { lines: string[]; open: string[] } {
  return showWith(new LogFormatter(style), service, entries);
}

function showWith(
  formatter: LogFormatter,
  service: string,
  entries: readonly Record<string, unknown>[],
): { lines: string[]; open: string[] } {
  const text = entries
    .map((entry) => JSON.stringify({ time: '2026-11-25T10:00:00.123Z', level: 'info', ...entry }))
    .join('\n');
  const lines = parseLines(text, service, '').flatMap((line) => formatter.format(line) ?? []);
  return { lines: lines.map(withoutClock), open: formatter.waiting().map(withoutClock) };
}

/** The clock is the reader's own; what is compared begins behind it. */
function withoutClock(line: string): string {
  return line.replace(/^\d\d:\d\d:\d\d\.123 /, '');
}

const DECISION = {
  message: 'authorize check',
  'request-id': 'r1',
  email: 'member@example.com',
  host: 'whoami.localhost:8443',
  'mcp-method': 'tools/call',
  'mcp-tool': 'whoami',
  allow: true,
  deny: false,
};
const END = {
  message: 'http-request',
  'request-id': 'r1',
  'response-code': 200,
  duration: 12.3,
  method: 'POST',
  authority: 'a',
  path: '/',
};

describe('a line of the log', () => {
  test('tells who called which tool, what was decided and how long it took', () => {
    expect(show('gateway', DECISION, END).lines).toEqual([
      'gateway      member@example.com  whoami  tools/call whoami  allowed  200  12 ms',
    ]);
  });

  test('names the reasons of a refusal', () => {
    const denied = { ...DECISION, allow: false, deny: true, 'deny-why-true': ['mcp-tool-match'] };
    expect(show('gateway', denied, END).lines).toEqual([
      'gateway      member@example.com  whoami  tools/call whoami  refused: mcp-tool-match  200  12 ms',
    ]);
    const anonymous = { ...DECISION, email: '', allow: false, 'allow-why-false': ['user-unauthenticated'] };
    expect(show('gateway', anonymous, { ...END, 'response-code': 401 }).lines).toEqual([
      'gateway      -  whoami  tools/call whoami  refused: not signed in  401  12 ms',
    ]);
  });

  test('the access view leaves out what clients ask of the gateway itself', () => {
    const paths = ['/.pomerium/mcp/authorize', '/.well-known/oauth-protected-resource/mcp', '/oauth2/callback', '/mcp'];
    const entries = paths.flatMap((path, i) => [
      { ...DECISION, 'request-id': `r${i}`, path, 'mcp-method': '' },
      { ...END, 'request-id': `r${i}`, path },
    ]);
    const open = [{ ...DECISION, 'request-id': 'open', path: '/.pomerium/mcp/routes' }];
    const shown = showWith(new LogFormatter(style, true), 'gateway', [...entries, ...open]);
    expect(shown.lines).toHaveLength(1);
    expect(shown.lines[0]).toContain('/mcp');
    expect(shown.open).toEqual([]);
    expect(show('gateway', ...entries).lines).toHaveLength(4);
  });

  test('a request that has not ended is told as open', () => {
    const stream = { ...DECISION, 'mcp-method': undefined, 'mcp-tool': undefined, method: 'GET', path: '/' };
    expect(show('gateway', stream)).toEqual({
      lines: [],
      open: ['gateway      member@example.com  whoami  GET /  allowed  open'],
    });
  });

  test('a request that was told as open is told again, in full, when it ends', () => {
    const formatter = new LogFormatter(style);
    const [decision, end] = parseLines(`${JSON.stringify(DECISION)}\n${JSON.stringify(END)}`, 'gateway', '');
    if (!decision || !end) throw new Error('no lines');
    expect(formatter.format(decision)).toBeUndefined();
    expect(formatter.waiting()).toHaveLength(1);
    expect(formatter.waiting()).toEqual([]);
    expect(formatter.format(end)).toContain('member@example.com  whoami  tools/call whoami  allowed  200');
  });

  test('a request without a decision, and lines of other services', () => {
    expect(show('gateway', { ...END, path: '/ping', authority: 'localhost' }).lines).toEqual([
      'gateway      POST localhost/ping  200  12 ms',
    ]);
    expect(show('mine', { message: 'started as pid 7', command: 'node a.js' }).lines).toEqual([
      'mine         started as pid 7  command=node a.js',
    ]);
    const formatter = new LogFormatter(style);
    const [line] = parseLines('no json', 'mine', '2026-11-25T10:00:00.123Z');
    expect(line && formatter.format(line)).toMatch(/ mine {9}no json$/);
  });
});
