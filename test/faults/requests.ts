import { join } from 'node:path';
import { ensureAuthority, ensureServerCertificate } from '../../src/tls/index.ts';
import { mcp, replace } from './change.ts';
import type { Fault } from './fault.ts';
import { recordedAs, requested, said } from './recordings.ts';

/** What becomes of requests on their way, and two Pomeriums beside each other. */
export const requests: readonly Fault[] = [
  {
    number: 61,
    symptom: 'the server answers 403 or 421 `Invalid Host`',
    cause: 'its guard against DNS rebinding does not know the name under which the gateway calls it',
    fix: 'preserve_host_header: true',
    planted: [
      {
        in: 'test',
        finds: 'TOL-08',
        file: 'test/unit/doctor/hidden-faults.test.ts',
        title: 'that refuses the gateway with %i is told, with both ways out',
      },
    ],
  },
  {
    number: 63,
    symptom: 'a client in a browser gets its answers blocked by CORS',
    cause: 'Pomerium adds CORS headers to its own answers only; the server has to send them with its',
    fix: 'enable CORS in the server',
    planted: [
      {
        in: 'test',
        finds: 'TOL-09',
        file: 'test/unit/doctor/hidden-faults.test.ts',
        title: 'whether a page may read the answers with %j is told, and is no fault',
      },
    ],
  },
  {
    number: 66,
    symptom: '413 `Payload Too Large` on calls over 32 KiB',
    cause: '`max_request_bytes` is above 32768, and the client speaks HTTP/1.1',
    fix: 'write `max_request_bytes: 32768`',
    planted: [
      { in: 'files', finds: 'INSPECTION_TOO_LARGE', broken: { config: mcp('{server: {max_request_bytes: 65536}}') } },
    ],
  },
  {
    number: 67,
    symptom: '404 `route_not_found` although the host is right',
    cause: '`from` has a port, and the request has none or another',
    fix: 'write the port on which the gateway is reached, or leave it out',
    planted: [{ in: 'files', finds: 'FROM_PORT' }],
  },
  {
    number: 68,
    symptom: 'all routes answer 404 and the gateway never gets ready',
    cause: 'Envoy refused one entry of the table of routes, and with it the table',
    fix: 'mcpgw lint',
    planted: [
      { in: 'log', finds: 'LOG-02', lines: () => recordedAs('max-request-bytes-zero') },
      {
        in: 'files',
        finds: 'BAD_VALUE',
        fix: 'delete the key (4096), or write `max_request_bytes: 32768`',
        broken: { config: mcp('{server: {max_request_bytes: 0}}') },
      },
      {
        in: 'files',
        finds: 'BAD_REGEX',
        fix: 'correct the expression (RE2 syntax)',
        broken: { config: replace('    to: ', "    regex: '(?=x)'\n    to: ") },
      },
    ],
  },
  {
    number: 69,
    symptom: '400 on requests with a header such as `a_b`, or with `%2F` in the path',
    cause: 'Envoy refuses both by default',
    fix: 'have the client write `-` instead, and the slash as it is',
    planted: [
      { in: 'log', finds: 'LOG-07', lines: () => [requested(400, 'http1.unexpected_underscore')] },
      { in: 'log', finds: 'LOG-07', lines: () => [requested(400, 'path_normalization_failed')] },
    ],
  },
  {
    number: 70,
    symptom: 'the log says `error getting mcp session`, or `error parsing MCP request from check request`',
    cause: 'none: anonymous requests, and such that are no JSON-RPC',
    fix: 'leave them alone',
    planted: [
      {
        in: 'log',
        lines: () => [
          said(
            'error getting mcp session',
            'no authorization header was provided: internal/sessions: session is not found',
          ),
          said('error parsing MCP request from check request', 'invalid character'),
        ],
      },
    ],
  },
  {
    number: 71,
    symptom: 'a second Pomerium dies with `envoy: subprocess exited`',
    cause: 'both use the same temporary folder',
    fix: 'give the second one a TMPDIR of its own',
    planted: [
      {
        in: 'log',
        finds: 'LOG-03',
        lines: () => [
          said('unable to bind domain socket with base_id=0, id=0, errno=98 (see --base-id option)'),
          said('envoy: subprocess exited'),
        ],
      },
    ],
  },
  {
    number: 72,
    symptom: 'half of the requests are answered by an old configuration',
    cause: 'two Pomeriums share one address',
    fix: 'kill the one that is not this project’s; its pid is told',
    planted: [
      {
        in: 'test',
        finds: 'PRT-04',
        file: 'test/unit/doctor/hidden-faults.test.ts',
        title: 'two programs that share the port are told by name, with the one to end',
      },
    ],
  },
  {
    number: 73,
    symptom: 'beyond 1,024 open streams of a route a call gets no answer, and the log says nothing',
    cause:
      'Envoy’s circuit breaker lets that many through at once; another 1,024 wait in silence, only then does the log tell',
    fix: 'edit the route: circuit_breaker_thresholds: {max_requests: 8192, max_connections: 8192, max_pending_requests: 8192}',
    planted: [
      { in: 'log', finds: 'LOG-06', lines: () => [requested(503, 'upstream_reset_before_response_started{overflow}')] },
    ],
  },
  {
    number: 82,
    symptom: 'Node, curl and Python refuse the local certificate, Go takes it',
    cause: 'it names `*.localhost` only',
    fix: 'mcpgw restart',
    planted: [
      {
        in: 'project',
        finds: 'CRT-01',
        look: ['CRT-01'],
        plant: async ({ folder }) => {
          await issueFor(folder, ['*.localhost']);
          return {};
        },
      },
    ],
  },
];

async function issueFor(folder: string, names: string[]): Promise<void> {
  const now = Date.now();
  const authority = await ensureAuthority(join(folder, '.mcpgw/authority'), { domain: 'localhost', now });
  await ensureServerCertificate({ authority, dir: join(folder, '.mcpgw/certs'), names, now });
}
