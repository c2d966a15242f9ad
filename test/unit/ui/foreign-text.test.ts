import { describe, expect, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import { plainLine, plainText } from '../../../src/plain-text.ts';
import { styleFor } from '../../../src/ui/colour.ts';
import { errorScreen } from '../../../src/ui/error-screen.ts';
import { LogFormatter } from '../../../src/ui/screens/logs.ts';
import { toolsScreen } from '../../../src/ui/screens/tools.ts';
import { testContext } from '../../helpers/context.ts';

const STYLE = styleFor(testContext().stdout, {});
/** Clears the screen, sets the window's title, turns the direction of writing, and ends with an 8-bit escape. */
const NASTY = 'a\u001b[2J\u001b]0;title\u0007b\u202ec\u009b1md';
/** What no screen without colours may hold. */
const OBEYED = /[^\n\x20-\x7e\u00a0-\uffff]|\u202e/;

describe('nothing that a server or a caller says is obeyed by the terminal', () => {
  test('in an error', () => {
    const error = new CliError({ code: 'X', message: NASTY, why: `${NASTY}\n  second`, fix: NASTY });
    const text = errorScreen(error, STYLE);
    expect(text).not.toMatch(OBEYED);
    expect(text).toContain('  second');
  });

  test('in the logs, as a field and as a line of somebody’s own server', () => {
    const time = '2026-11-25T10:00:00.000Z';
    const decision = {
      'request-id': '1',
      message: 'authorize check',
      email: NASTY,
      'mcp-method': 'tools/call',
      'mcp-tool': NASTY,
    };
    const end = { 'request-id': '1', message: 'http-request', 'user-agent': NASTY, 'response-code': 200 };
    const formatter = new LogFormatter(STYLE);
    formatter.format({ time, service: 'gateway', raw: '', fields: decision });
    const lines = [
      formatter.format({ time, service: 'gateway', raw: '', fields: end }),
      formatter.format({ time, service: 'gateway', raw: '', fields: { message: NASTY, reason: NASTY } }),
      formatter.format({ time, service: 'mine', raw: NASTY }),
    ];
    for (const line of lines) expect(line).not.toMatch(OBEYED);
    expect(lines).toHaveLength(3);
  });

  test('in the list of tools', () => {
    const tools = [{ name: NASTY, description: NASTY, inputSchema: { properties: { [NASTY]: {} } } }];
    const text = toolsScreen({ tools, route: 'x', server: 'https://x.example.com/' }, STYLE);
    expect(text).not.toMatch(OBEYED);
  });
});

test('text of several lines keeps its lines, a single line has none', () => {
  expect(plainText('a\n\tb ü 🙂')).toBe('a\n\tb ü 🙂');
  expect(plainLine('a\n\tb ü 🙂')).toBe('a  b ü 🙂');
  expect(plainLine('abcdef', 3)).toBe('abc');
});
