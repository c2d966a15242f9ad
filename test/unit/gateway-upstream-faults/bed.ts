import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startGateway, type GatewayOptions } from '../../../src/gateway/index.ts';
import {
  startUpstreamProvider,
  type UpstreamProvider,
  type UpstreamProviderOptions,
} from '../../../src/idp/as-upstream/index.ts';
import { createFetch, type Fetch } from '../../../src/net/fetch.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { freePorts } from '../../helpers/program.ts';
import { createPkce } from '../gateway-identity/harness.ts';
import { startProvider } from '../gateway-identity/provider.ts';

/** A route with static endpoints, and one whose authorization server is discovered. */
export const STATIC = 'up.localhost:8443';
export const DISCOVERED = 'found.localhost:8443';
/** As DISCOVERED, on port 443. */
export const WITHOUT_PORT = 'plain.localhost';
const UPSTREAM = 'provider.localhost';
const CLIENT = { id: 'gateway', secret: 'upstream-secret-of-the-gateway' };
const CALLBACK = 'http://127.0.0.1:7777/callback';

/** Where a browser ended: at the MCP client's callback, or on a page. */
export interface End {
  url: URL;
  status: number;
  body: string;
}

export interface Bed {
  provider: UpstreamProvider;
  /** All that the gateway logged. */
  log: LogEntry[];
  /** All that the gateway gave to MCP clients, refresh tokens too. */
  externalTokens: string[];
  /** Signs a user in as an MCP client does, up to where the browser stops. */
  authorize: (host: string) => Promise<End>;
  /** The same up to the External Token. Throws when the browser stops on a page. */
  connect: (host: string) => Promise<string>;
  call: (host: string, token: string, tool?: string) => Promise<Response>;
  /** As the signed-in user, at the gateway's portal. */
  disconnect: (host: string, token: string) => Promise<number>;
}

/** A gateway, the identity provider of its users, and an upstream provider, all on loopback; they end with the test. */
export async function createBed(
  changes: Partial<UpstreamProviderOptions> = {},
  release?: GatewayOptions['release'],
): Promise<Bed> {
  const log: LogEntry[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw-faults-'));
  const now = Date.now();
  const authority = await ensureAuthority(folder, { now });
  const names = [STATIC, DISCOVERED, WITHOUT_PORT, 'authenticate.localhost', UPSTREAM].map(
    (host) => host.split(':', 1)[0] ?? '',
  );
  const { certPem: cert, keyPem: key } = await ensureServerCertificate({ authority, dir: folder, names, now });
  const [gatewayPort = 0, upstreamPort = 0] = await freePorts(2);
  const resolve = (host: string, port: number): { host: string; port: number } => {
    if (host === UPSTREAM) return { host: '127.0.0.1', port: upstreamPort };
    return { host: '127.0.0.1', port: [443, 8443].includes(port) ? gatewayPort : port };
  };
  const fetch = createFetch({ ca: [authority.certPem], resolve });
  const identityProvider = await startProvider();
  onTestFinished(() => identityProvider.close());
  const provider = await startUpstreamProvider({
    listen: { host: '127.0.0.1', port: upstreamPort },
    issuer: `https://${UPSTREAM}`,
    tls: { cert, key },
    client: CLIENT,
    registration: true,
    clientMetadataDocuments: true,
    users: { member: { email: 'member@example.com', name: 'Max Member', groups: [] } },
    autoApprove: 'member',
    accessTokenLife: 3600,
    refreshTokens: true,
    scopes: ['read', 'write'],
    faults: [],
    log: () => {},
    fetch,
    ...changes,
  });
  onTestFinished(() => provider.close());
  const { options, problems } = parseConfig(configuration(identityProvider.issuer), { file: 'pomerium-config.yaml' });
  if (!options) throw new Error(JSON.stringify(problems));
  const gateway = await startGateway({
    options,
    release,
    listen: { host: '127.0.0.1', port: gatewayPort },
    stateFile: ':memory:',
    tls: { cert, key },
    resolve,
    ca: [authority.certPem],
    log: (entry) => void log.push(entry),
    allowPrivateMetadataHosts: false,
  });
  onTestFinished(() => gateway.close());
  return { provider, log, ...clientOf(fetch) };
}

function configuration(identityProvider: string): string {
  const secret = Buffer.alloc(32, 3).toString('base64');
  return `
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: ${identityProvider}
idp_client_id: pomerium
idp_client_secret: secret
shared_secret: ${secret}
cookie_secret: ${secret}
runtime_flags: {mcp: true, mcp_dynamic_client_registration: true}
mcp_allowed_as_metadata_domains: [${UPSTREAM}]
routes:
  - from: https://${STATIC}
    to: https://${UPSTREAM}
    mcp:
      server:
        upstream_oauth2:
          client_id: ${CLIENT.id}
          client_secret: ${CLIENT.secret}
          scopes: [read, write]
          endpoint:
            auth_url: https://${UPSTREAM}/authorize
            token_url: https://${UPSTREAM}/token
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
${[DISCOVERED, WITHOUT_PORT]
  .map(
    (host) => `
  - from: https://${host}
    to: https://${UPSTREAM}
    mcp: {server: {}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]`,
  )
  .join('')}
`;
}

function clientOf(fetch: Fetch): Omit<Bed, 'provider' | 'log'> {
  /** One browser: its cookies by host and name. */
  const cookies = new Map<string, string>();
  const clients = new Map<string, string>();
  const externalTokens: string[] = [];
  const { verifier, challenge } = createPkce();

  async function browse(url: string): Promise<End> {
    for (let next = new URL(url), hops = 0; hops < 20; hops++) {
      const own = [...cookies].filter(([name]) => name.startsWith(`${next.hostname} `));
      const cookie = own.map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ');
      const response = await fetch(next, { headers: { accept: 'text/html', cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
        cookies.set(`${next.hostname} ${name}`, value);
      }
      const body = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { url: next, status: response.status, body };
      const target = new URL(location, next);
      if (target.href.startsWith(CALLBACK)) return { url: target, status: response.status, body };
      next = target;
    }
    throw new Error('too many redirects');
  }

  const post = async (host: string, path: string, body: URLSearchParams | string): Promise<Record<string, string>> => {
    const response = await fetch(`https://${host}/.pomerium/mcp/${path}`, { method: 'POST', body });
    return (await response.json()) as Record<string, string>;
  };

  async function clientIdAt(host: string): Promise<string> {
    const metadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
    const id = clients.get(host) ?? (await post(host, 'register', JSON.stringify(metadata)))['client_id'] ?? '';
    clients.set(host, id);
    return id;
  }

  async function authorize(host: string): Promise<End> {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: await clientIdAt(host),
      redirect_uri: CALLBACK,
      state: 'st-1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    return browse(`https://${host}/.pomerium/mcp/authorize?${query.toString()}`);
  }

  return {
    externalTokens,
    authorize,
    async connect(host) {
      const { url, status, body } = await authorize(host);
      const code = url.searchParams.get('code');
      if (!url.href.startsWith(CALLBACK) || code === null) throw new Error(`stopped at ${url.href}: ${status} ${body}`);
      const client_id = await clientIdAt(host);
      const form = { grant_type: 'authorization_code', client_id, code, code_verifier: verifier };
      const { access_token: token, refresh_token: refreshToken } = await post(host, 'token', new URLSearchParams(form));
      if (!token || !refreshToken) throw new Error('the gateway gave no tokens');
      externalTokens.push(token, refreshToken);
      return token;
    },
    call: (host, token, tool = 'whoami') =>
      fetch(`https://${host}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: {} } }),
      }),
    async disconnect(host, token) {
      const response = await fetch(`https://${host}/.pomerium/mcp/routes/disconnect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ routes: [`https://${host}`] }),
      });
      return response.status;
    },
  };
}
