import { mcp, replace } from './change.ts';
import type { Fault } from './fault.ts';
import { requested } from './recordings.ts';

/** Servers behind the gateway. */
export const upstreams: readonly Fault[] = [
  {
    number: 51,
    symptom: 'the server answers 404 on `/mcp`',
    cause: 'the path stands in `to` and in the address that clients use: `/mcpmcp`',
    fix: 'keep one of the two',
    planted: [
      {
        in: 'files',
        finds: 'PATH_TWICE',
        broken: { config: (text) => mcp('{server: {path: /mcp}}')(replace('8080/whoami', '8080/mcp')(text)) },
      },
    ],
  },
  {
    number: 53,
    symptom: 'a server is listed with `connected: false` for ever, and connecting ends in `connect_error`',
    cause: 'none: from v0.33.0 on Pomerium says so of servers without a sign-in of their own',
    fix: 'take it for connected when calls work',
    planted: [
      {
        in: 'test',
        file: 'test/unit/gateway/portal.test.ts',
        title: 'has the advertised address, and whether this user is connected',
      },
      {
        in: 'test',
        file: 'test/cli/doctor.test.ts',
        title: 'finds all well, by a sign-in and a call of its own that leave the user’s tokens alone',
      },
    ],
  },
  {
    number: 56,
    symptom: 'whoami says that no identity was passed',
    cause: '`pass_identity_headers` is not set, or the container does not reach the keys',
    fix: 'write `pass_identity_headers: true` on the route',
    planted: [
      { in: 'files', finds: 'WHOAMI_NO_IDENTITY' },
      {
        in: 'files',
        finds: 'MISSING_ALIAS',
        fix: 'add the host under networks: default: aliases: of the service; `mcpgw up` does it',
      },
    ],
  },
  {
    number: 57,
    symptom: 'an agent behind an application fails with 401 after five minutes',
    cause: 'none: the token that a client route hands on lives that long',
    fix: 'take the token from the newest request, as `mcpgw app` does',
    planted: [
      {
        in: 'test',
        file: 'test/unit/gateway/replay-sign-in.test.ts',
        title:
          'clientroute-login-, clientte-: the application is given a token that is good for servers and for nothing else, for five minutes',
      },
      {
        in: 'test',
        file: 'test/unit/app/chat.test.ts',
        title: 'a turn goes on with the token of a newer request when its own has ended',
      },
    ],
  },
  {
    number: 58,
    symptom: 'event streams end after 30 s',
    cause: 'the default timeout: of every route before v0.33.0, of applications’ routes still',
    fix: 'write `timeout: 0s` and `idle_timeout: 0s` on the route, or take v0.33.1',
    planted: [
      { in: 'files', finds: 'STREAM_TIMEOUT' },
      {
        in: 'files',
        finds: 'CLIENT_STREAM_TIMEOUT',
        fix: 'write `timeout: 0s` and `idle_timeout: 0s` on the route when the application streams',
      },
      {
        in: 'test',
        finds: 'TOL-06',
        file: 'test/unit/doctor/targets.test.ts',
        title: 'a stream that ends at once is told, one that stays open is well',
      },
    ],
  },
  {
    number: 60,
    symptom: 'a server sees the gateway’s own token',
    cause: 'a fault of Pomerium v0.30',
    fix: 'take v0.33.1',
    planted: [
      {
        in: 'files',
        finds: 'TOKEN_REACHES_UPSTREAM',
        along: ['KEY_TOO_NEW', 'MCP_FLAG_OFF', 'STREAM_TIMEOUT', 'NO_REFRESH_GRANT'],
      },
    ],
  },
  {
    number: 62,
    symptom: 'a fixed key in `Authorization` does not reach the server',
    cause: 'on server routes that header is removed after the configured ones are set',
    fix: 'use another header, such as X-Api-Key, or upstream_oauth2',
    planted: [{ in: 'files', finds: 'AUTHORIZATION_LOST' }],
  },
  {
    number: 64,
    symptom: 'the image of pomerium/mcp-servers lacks sqlite and whoami',
    cause: 'its tag `latest` was left behind',
    fix: 'write pomerium/mcp-servers:main, or take the servers of mcpgw',
    planted: [{ in: 'files', finds: 'SERVERS_TAG', along: ['PUBLIC_SERVERS_IMAGE'] }],
  },
  {
    number: 65,
    symptom: 'the list of servers shows some that the user may not use',
    cause: 'none: Pomerium does not ask its policies for the list',
    fix: 'the policy holds at each call',
    planted: [
      {
        in: 'test',
        file: 'test/unit/gateway/portal.test.ts',
        title: 'has the advertised address, and whether this user is connected',
      },
      {
        in: 'test',
        file: 'test/cli/doctor.test.ts',
        title: 'finds all well, by a sign-in and a call of its own that leave the user’s tokens alone',
      },
    ],
  },
  {
    number: 81,
    symptom: '503 `delayed_connect_error` for an upstream named `x.localhost`',
    cause: 'Envoy takes names under localhost for this machine, without asking DNS',
    fix: 'write the plain name of the service in `to`',
    planted: [
      { in: 'files', finds: 'UPSTREAM_NAMED_LOCALHOST' },
      {
        in: 'log',
        finds: 'LOG-06',
        fix: 'a plain service name',
        lines: () => [
          requested(
            503,
            'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
          ),
        ],
      },
    ],
  },
];
