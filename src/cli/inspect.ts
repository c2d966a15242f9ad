import type { CommandSpec } from '../command.ts';
import { SIGN_IN } from './connect.ts';

export const INSPECT: readonly CommandSpec[] = [
  {
    name: 'doctor',
    group: 'Inspect',
    summary: 'check the whole road to a tool call and name the fix',
    args: [{ name: '[url]', description: 'any MCP server’s URL, in place of the project here' }],
    options: [
      { flags: '--config <file>', description: 'a Pomerium configuration, with a compose file beside it or without' },
      { flags: '--client <name>', description: 'whether this client will work: claude-ai, cursor, vscode, ...' },
      { flags: '--only <checks>', description: 'only these checks or areas', kind: 'list' },
      { flags: '--skip <checks>', description: 'all but these checks or areas', kind: 'list' },
      { flags: '--list', description: 'list the checks and run none' },
      { flags: '--strict', description: 'count warnings as failures' },
      { flags: '--watch', description: 'look again every few seconds, and show what changes' },
      { flags: '--fix', description: 'mend what has one right mend, after showing it' },
      { flags: '--dry-run', description: 'with --fix: show the mends and make none' },
      { flags: '-y, --yes', description: 'with --fix: do not ask' },
      { flags: '--no-acme', description: 'ask no certificate authority for a dry run' },
      {
        flags: '--acme-directory <url>',
        description: 'the authority to ask, in place of Let’s Encrypt’s staging service',
      },
      { flags: '--acme-ca <file>', description: 'PEM of the authority that vouches for that directory' },
      { flags: '--report <file>', description: 'also write a file for a bug report, secrets masked' },
    ],
    examples: [
      ['mcpgw doctor', 'exit code 3 when something is wrong'],
      ['mcpgw doctor --only port,certificate', 'two areas'],
      ['mcpgw doctor https://mcp.example.com/mcp', 'any MCP server, from outside'],
      ['mcpgw doctor --client claude-ai', 'whether it will work, and why not'],
    ],
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'trace',
    group: 'Inspect',
    summary: 'walk the OAuth conversation with any MCP server and show every exchange',
    args: [{ name: '<route>', description: 'a route’s name, or the URL of any MCP server' }],
    options: [...SIGN_IN, { flags: '--har <file>', description: 'also write an HTTP archive for other tools' }],
    examples: [
      ['mcpgw trace whoami --as member', 'sign in by itself; exit code 3 when it stops on the way'],
      ['mcpgw trace https://mcp.example.com/mcp -v', 'with headers and bodies, secrets masked'],
    ],
    load: () => import('../commands/trace.ts'),
  },
];
