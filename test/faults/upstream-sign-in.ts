import { edited, replace } from './change.ts';
import type { Fault } from './fault.ts';
import { recordedAs, said } from './recordings.ts';

const PROVIDER =
  '{ client_id: x, endpoint: { auth_url: https://provider.test/authorize, token_url: https://provider.test/token } }';

/** Sign-ins of servers at services of their own. */
export const upstreamSignIn: readonly Fault[] = [
  {
    number: 52,
    symptom: '502 without a body on an MCP route',
    cause: 'the server answered 401, and its authorization server could not be discovered',
    fix: 'write both `endpoint.auth_url` and `endpoint.token_url`, which need no discovery',
    planted: [
      { in: 'files', finds: 'UPSTREAM_DISCOVERY_PORT' },
      {
        in: 'project',
        finds: 'UPS-05',
        look: ['UPS-05'],
        fix: 'write upstream_oauth2 with its endpoints',
        plant: edited(
          'pomerium-config.yaml',
          replace('to: http://mcp-servers:8080/whoami', 'to: https://api.corp.test:8443'),
          { fetch: async () => async () => new Response('', { status: 401 }) },
        ),
      },
    ],
  },
  {
    number: 54,
    symptom: 'an upstream’s provider complains of the redirect URI since v0.33.0',
    cause: 'the callback moved to `/.pomerium/mcp/client/oauth/callback`',
    fix: 'register at the provider: https://whoami.localhost',
    planted: [
      {
        in: 'project',
        finds: 'UPS-07',
        look: ['UPS-01', 'UPS-07'],
        plant: edited('pomerium-config.yaml', replace('server: {}', `server: { upstream_oauth2: ${PROVIDER} }`), {
          fetch: async () => async () => new Response('redirect_uri mismatch', { status: 400 }),
        }),
      },
      {
        in: 'test',
        finds: 'UPS-04',
        file: 'test/unit/migrate/migrate.test.ts',
        title: 'brings the first releases’ syntax to today’s: comments, order and quotes stay',
      },
    ],
  },
  {
    number: 55,
    symptom: 'the log says `dynamic client registration is disabled, enable the runtime flag`',
    cause: 'the upstream’s provider wants the gateway to register itself, and that is off',
    fix: 'mcp_dynamic_client_registration: true',
    planted: [
      {
        in: 'log',
        finds: 'LOG-06',
        lines: () => [
          said(
            'ext_proc: upstream discovery failed',
            'dynamic client registration is disabled, enable the runtime flag : `mcp_dynamic_client_registration`',
          ),
        ],
      },
      {
        in: 'files',
        finds: 'UPSTREAM_CLIENT_UNKNOWN',
        fix: 'write `client_id` and `client_secret`, or delete `upstream_oauth2`, or switch `mcp_dynamic_client_registration` on',
      },
    ],
  },
  {
    number: 83,
    symptom: 'a sign-in ends in 500 `invalid_client`, or an upstream refuses, and the file has `${NAME}`',
    cause: 'Pomerium does not fill in variables',
    fix: 'mount ${POMERIUM_CONFIG:-./pomerium-config.yaml}, which `mcpgw up` fills in, or give global settings by the environment',
    planted: [
      { in: 'files', finds: 'VARIABLE_UNEXPANDED' },
      {
        in: 'log',
        finds: 'LOG-05',
        fix: 'edit IDP_CLIENT_SECRET in .env',
        lines: () => recordedAs('wrong-idp-secret'),
      },
    ],
  },
];
