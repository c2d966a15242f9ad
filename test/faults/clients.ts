import { edited, replace } from './change.ts';
import type { Fault } from './fault.ts';
import { refused } from './recordings.ts';

/** What can be told from the files alone. */
const REGISTRATION = ['REG-01', 'REG-03'];

const NOT_REGISTERING = (text: string): string =>
  text.replace('mcp_dynamic_client_registration: true', 'mcp_dynamic_client_registration: false');
const NO_DOMAINS = (text: string): string =>
  text.replace(/^mcp_allowed_client_id_domains:\n(?: {2}- .*\n)+/m, 'mcp_allowed_client_id_domains: []\n');

/** How MCP clients become known to the gateway, and are refused. */
export const clients: readonly Fault[] = [
  {
    number: 42,
    symptom: 'a browser shows 401 `This is an MCP route`',
    cause: 'none: MCP routes never lead to a sign-in page',
    fix: 'the 401 with its challenge is what clients need; for people there is `/.pomerium/routes`',
    planted: [
      { in: 'running project', asks: { path: '/', accept: 'text/html' }, answered: 401, look: ['gateway', 'metadata'] },
    ],
  },
  {
    number: 43,
    symptom: '`does not support dynamic client registration`, or 403 at the registration endpoint',
    cause: 'registration is off from v0.33.0 on, and the client has no metadata document',
    fix: 'mcp_dynamic_client_registration: true',
    planted: [
      {
        in: 'project',
        finds: 'REG-01',
        look: REGISTRATION,
        plant: edited('pomerium-config.yaml', NOT_REGISTERING),
      },
      { in: 'client', finds: 'cursor', client: 'cursor', traits: { registers: false } },
      {
        in: 'files',
        finds: 'NO_CLIENT_CAN_CONNECT',
        fix: 'write `runtime_flags: {mcp_dynamic_client_registration: true}`, or list the domains of your clients in `mcp_allowed_client_id_domains`',
      },
    ],
  },
  {
    number: 44,
    symptom: '401 `The MCP client domain is not authorized`',
    cause: 'the host of the client’s metadata document is not in `mcp_allowed_client_id_domains`',
    fix: 'mcp_allowed_client_id_domains',
    planted: [
      {
        in: 'log',
        finds: 'LOG-07',
        lines: () => refused('The MCP client domain `claude.ai` is not authorized.'),
      },
      {
        in: 'project',
        finds: 'REG-03',
        look: REGISTRATION,
        plant: edited('pomerium-config.yaml', replace(/^ {2}- claude\.ai\n/m, '')),
      },
      {
        in: 'files',
        finds: 'CLIENT_DOMAIN_PATTERN',
        fix: 'write the host name: `claude.ai`, or `*.example.com` for every name directly below it',
      },
    ],
  },
  {
    number: 45,
    symptom: 'Claude is refused although clients may register',
    cause: 'it prefers its metadata document wherever such are advertised, and Pomerium always advertises them',
    fix: 'mcp_allowed_client_id_domains: [claude.ai, chatgpt.com, vscode.dev]',
    planted: [
      {
        in: 'project',
        finds: 'REG-01',
        look: REGISTRATION,
        plant: edited('pomerium-config.yaml', NO_DOMAINS),
      },
    ],
  },
  {
    number: 46,
    symptom: 'ChatGPT: `unsupported token endpoint auth method: private_key_jwt`',
    cause: 'its metadata document asks for what Pomerium does not know yet',
    fix: 'mcp_dynamic_client_registration: true',
    planted: [
      {
        in: 'log',
        finds: 'LOG-07',
        lines: () => refused('unsupported token endpoint auth method: private_key_jwt'),
      },
      { in: 'client', finds: 'chatgpt', client: 'chatgpt', traits: { registers: false } },
    ],
  },
  {
    number: 47,
    symptom: '400 `The MCP client metadata could not be validated.`',
    cause: 'the document cannot be fetched from here, is too big, redirects, or names another client',
    fix: 'let the gateway reach port 443 of its host',
    planted: [{ in: 'log', finds: 'LOG-07', lines: () => refused('The MCP client metadata could not be validated.') }],
  },
  {
    number: 48,
    symptom: '400 `client redirect URI does not match registered redirect URIs`',
    cause: 'another port before v0.33.0, `localhost` for `127.0.0.1`, or a slash at the end',
    fix: 'have it register anew',
    planted: [
      {
        in: 'log',
        finds: 'LOG-07',
        lines: () => refused('client redirect URI does not match registered redirect URIs'),
      },
      {
        in: 'client',
        finds: 'claude-code',
        fix: 'POMERIUM_IMAGE=pomerium/pomerium:v0.33.1',
        client: 'claude-code',
        traits: { ignoresLoopbackPort: false },
      },
    ],
  },
  {
    number: 49,
    symptom: 'a client signs in again and again',
    cause: 'the policy refuses it, which is told as 401 for all but calls; or the token of an upstream was revoked',
    fix: 'edit the policy in pomerium-config.yaml at line 40',
    planted: [
      {
        in: 'project',
        finds: 'POL-02',
        plant: () => ({
          permissions: async () => [{ server: 'whoami', line: 40, user: 'member', call: 'GET', allowed: false }],
        }),
      },
      {
        in: 'test',
        finds: 'POLICY_DENIED',
        file: 'test/cli/token.test.ts',
        title: 'hears it when signing in, with the rule',
      },
    ],
  },
  {
    number: 50,
    symptom: 'a call of a tool answers 200 with JSON-RPC −32602 `access denied`',
    cause: 'the policy refuses it',
    fix: 'mcpgw policy test names the rule and its line',
    planted: [
      {
        in: 'test',
        finds: 'POLICY_DENIED',
        file: 'test/cli/call.test.ts',
        title: 'a tool that the policy refuses is told with the rule',
      },
      {
        in: 'test',
        finds: 'POLICY_DENIED',
        file: 'test/unit/mcp/client.test.ts',
        title: 'by the gateway’s policy are told as such, with the request’s id',
      },
    ],
  },
  {
    number: 74,
    symptom: 'the Inspector’s command line cannot register: 400 `invalid_client_metadata`',
    cause: 'it sends an empty `scope`, and Pomerium wants at least one character',
    fix: 'use a client that leaves `scope` out',
    planted: [
      {
        in: 'log',
        finds: 'LOG-07',
        lines: () => refused('validate: validation error: scope: must be at least 1 characters', 'mcp/register'),
      },
    ],
  },
  {
    number: 59,
    symptom: '`/revoke` answers 405',
    cause: 'none: Pomerium has no revocation',
    fix: 'nothing asks for it; signing out at `/.pomerium/sign_out` ends the session',
    planted: [
      {
        in: 'running project',
        asks: { path: '/.pomerium/mcp/revoke', method: 'POST' },
        answered: 405,
        look: ['gateway', 'metadata', 'registration'],
      },
    ],
  },
];
