import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, freePort, start, type Started } from './processes.ts';

/** Where everything of one run lies. */
export interface Bench {
  folder: string;
  upstreamPort: number;
  /** Bundled programs by name. */
  programs: Record<'gateway' | 'pipe' | 'load' | 'storm-client' | 'streams' | 'stdio-upstream', string>;
  certFile: string;
  keyFile: string;
  caFile: string;
}

/** Something that calls go through. */
export interface Target {
  name: string;
  port: number;
  tls: boolean;
  path: string;
  started: Started;
  /** Header lines that its clients send, each with its CRLF. */
  headers: string;
  /** Its clients begin with `initialize`. */
  initialize: boolean;
}

export interface Skipped {
  name: string;
  reason: string;
}

export const HOST = 'whoami.localhost:8443';

export async function startNginx(bench: Bench): Promise<Target | Skipped> {
  const program = findProgram('nginx');
  if (!program) return { name: 'nginx', reason: 'not found: apt-get install nginx-light, or brew install nginx' };
  const port = await freePort();
  const file = join(bench.folder, 'nginx.conf');
  writeFileSync(file, nginxConfig(bench, port));
  return target('nginx (TLS, no check)', port, start(program, ['-p', bench.folder, '-c', file]));
}

/** One worker, as the gateway has one thread; event streams unbuffered, and a log line a request, as the gateway writes two. */
function nginxConfig(bench: Bench, port: number): string {
  return `daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${bench.folder}/nginx.pid;
error_log ${bench.folder}/nginx-error.log;
events { worker_connections 16000; }
http {
  access_log ${bench.folder}/nginx-access.log combined buffer=64k flush=1s;
  client_body_temp_path ${bench.folder}/nginx-body;
  proxy_temp_path ${bench.folder}/nginx-proxy;
  fastcgi_temp_path ${bench.folder}/nginx-fastcgi;
  uwsgi_temp_path ${bench.folder}/nginx-uwsgi;
  scgi_temp_path ${bench.folder}/nginx-scgi;
  upstream echo { server 127.0.0.1:${bench.upstreamPort}; keepalive 128; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${bench.certFile};
    ssl_certificate_key ${bench.keyFile};
    keepalive_requests 1000000000;
    location / {
      proxy_pass http://echo;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-Host $host;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;
}

export async function startPipe(bench: Bench): Promise<Target> {
  const port = await freePort();
  const args = [bench.programs.pipe, String(bench.upstreamPort), bench.certFile, bench.keyFile, String(port)];
  return target('bare Node TLS pipe', port, start(process.execPath, args));
}

export interface GatewayChanges {
  policy?: unknown;
  /** YAML of the route's `mcp.server`, in flow style. */
  server?: string;
  moreRoutes?: string;
}

/** TLS, token checked, policy with a rule on a tool, identity headers, two log lines a call. */
export async function startGatewayProcess(bench: Bench, changes: GatewayChanges = {}): Promise<Target> {
  const port = await freePort();
  const config = join(bench.folder, 'pomerium-config.yaml');
  writeFileSync(config, gatewayConfig(bench, changes) + (changes.moreRoutes ?? ''));
  const args = ['--expose-gc', bench.programs.gateway, config, bench.folder, String(port), String(bench.upstreamPort)];
  return target('gateway (TLS, token, policy)', port, start(process.execPath, args));
}

/** One rule that lets everybody of a domain in, one that keeps a tool from them. */
const ONE_TOOL: unknown = [
  { allow: { or: [{ domain: { is: 'company.com' } }] }, deny: { or: [{ mcp_tool: { is: 'secret' } }] } },
];

function gatewayConfig(
  bench: Bench,
  { policy = ONE_TOOL, server = '{max_request_bytes: 32768}' }: GatewayChanges = {},
): string {
  return `address: 127.0.0.1:8443
certificates:
  - cert: ${bench.certFile}
    key: ${bench.keyFile}
authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: bench
idp_client_secret: bench
shared_secret: ${Buffer.alloc(32, 1).toString('base64')}
cookie_secret: ${Buffer.alloc(32, 2).toString('base64')}
pass_identity_headers: true
routes:
  - name: Whoami
    from: https://${HOST}
    to: http://mcp-servers:8080
    mcp:
      server: ${server}
    policy: ${JSON.stringify(policy)}
`;
}

/** A real Pomerium in front of the same upstream, on a public route: no token is checked, which flatters it. */
export async function startPomerium(bench: Bench, program: string): Promise<Target> {
  const port = await freePort();
  const file = join(bench.folder, 'pomerium.yaml');
  const text = gatewayConfig(bench)
    .replace('127.0.0.1:8443', `127.0.0.1:${port}`)
    .replace('http://mcp-servers:8080', `http://127.0.0.1:${bench.upstreamPort}`)
    .replace('pass_identity_headers: true', `grpc_address: 127.0.0.1:${await freePort()}`)
    .replace(/ {4}policy:[\s\S]*/, '    allow_public_unauthenticated_access: true\n');
  writeFileSync(file, text);
  return target('Pomerium (TLS, public route)', port, start(program, ['-config', file]));
}

const PEERS = [
  {
    name: 'mcp-proxy',
    args: (port: number, server: string) => [
      '--port',
      String(port),
      '--server',
      'stream',
      '--',
      process.execPath,
      server,
    ],
  },
  {
    name: 'supergateway',
    args: (port: number, server: string) => [
      '--stdio',
      `${process.execPath} ${server}`,
      '--outputTransport',
      'streamableHttp',
      '--stateful',
      '--port',
      String(port),
      '--logLevel',
      'none',
    ],
  },
];

/** Packages of npm that put an MCP server on the network. They start it themselves and have no TLS. */
export async function startPeers(bench: Bench, folders: readonly string[]): Promise<(Target | Skipped)[]> {
  return Promise.all(
    PEERS.map(async ({ name, args }) => {
      const program = findProgram(name, folders);
      if (!program)
        return { name, reason: `not found: npm install --global ${name}, or --peers <folder of its program>` };
      const port = await freePort();
      const started = start(program, args(port, bench.programs['stdio-upstream']));
      const made = target(`${name} (no TLS, no check)`, port, started);
      return { ...made, tls: false, path: '/mcp', initialize: true };
    }),
  );
}

function target(name: string, port: number, started: Started): Target {
  return { name, port, tls: true, path: '/', started, headers: '', initialize: false };
}
