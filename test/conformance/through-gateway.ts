import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startGateway } from '../../src/gateway/index.ts';
import { startIdp } from '../../src/idp/index.ts';
import { createFetch, type Fetch } from '../../src/net/fetch.ts';
import { resolveLoopbackNames } from '../../src/net/resolve.ts';
import { createTokenStore, obtainToken } from '../../src/oauth/index.ts';
import { parseConfig } from '../../src/pomerium/index.ts';
import { ensureAuthority, ensureServerCertificate } from '../../src/tls/index.ts';
import { freePorts } from '../helpers/program.ts';
import type { ForwarderOptions } from './forwarder.ts';

export interface GatewayUnderTest {
  /** As clients are given it. `localhost` itself: the suite leaves names to the system, and not every system knows `*.localhost`. */
  origin: string;
  /** For a forwarder before it. */
  target: ForwarderOptions['gateway'];
  /** The file with the authority that vouches for it. */
  authority: string;
  identityProvider: string;
  /** A user there, for whom the policy is good. */
  user: string;
  /** Trusts the gateway. */
  fetch: Fetch;
  /** The user's External Token. */
  accessToken: string;
  /** Streams that the gateway has open now. */
  openStreams(): number;
  close(): Promise<void>;
}

const USER = 'member';

/** The development gateway before one upstream, signed in to as a client does. Faults: see src/gateway/faults.ts. */
export async function startGatewayUnderTest(
  folder: string,
  upstreamPort: number,
  faults: readonly string[] = [],
): Promise<GatewayUnderTest> {
  const [port = 0, idpPort = 0] = await freePorts(2);
  const origin = `https://localhost:${port}`;
  const identityProvider = `http://idp.localhost:${idpPort}`;
  const idp = await startDevelopmentIdp(identityProvider, idpPort, port);
  const { authority, certificate } = await issue(folder);
  const { options, problems } = parseConfig(configuration(port, identityProvider, upstreamPort), {
    file: 'config.yaml',
  });
  if (!options) throw new Error(JSON.stringify(problems));
  const gateway = await startGateway({
    options,
    listen: { host: '127.0.0.1', port },
    stateFile: ':memory:',
    tls: { cert: certificate.certPem, key: certificate.keyPem },
    resolve: resolveLoopbackNames,
    ca: [authority.certPem],
    log: () => undefined,
    allowPrivateMetadataHosts: false,
    faults,
  });
  const fetch = createFetch({ ca: [authority.certPem] });
  const accessToken = await signIn(origin, identityProvider, folder, fetch);
  return {
    origin,
    target: { port, host: 'localhost', ca: authority.certPem },
    authority: authority.certFile,
    identityProvider,
    user: USER,
    fetch,
    accessToken,
    openStreams: () => gateway.stats().openStreams,
    close: async () => {
      await gateway.close();
      await idp.close();
    },
  };
}

/** Every key that lies between a request and its upstream: policy that looks into the body, identity headers, the wider body. */
function configuration(port: number, identityProvider: string, upstreamPort: number): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return `
address: :${port}
authenticate_service_url: https://authenticate.localhost:${port}
idp_provider: oidc
idp_provider_url: ${identityProvider}
idp_client_id: mcpgw
idp_client_secret: secret
idp_scopes: [openid, profile, email, groups, offline_access]
shared_secret: ${newSecret()}
cookie_secret: ${newSecret()}
signing_key: ${Buffer.from(pem).toString('base64')}
runtime_flags: {mcp: true, mcp_dynamic_client_registration: true}
mcp_allowed_client_id_domains: [client.example.com]
routes:
  - name: everything
    from: https://localhost:${port}
    to: http://127.0.0.1:${upstreamPort}
    pass_identity_headers: true
    mcp: {server: {max_request_bytes: 32768}}
    policy:
      - allow: {or: [{domain: {is: example.com}}]}
      - deny: {or: [{mcp_tool: {in: [a_tool_that_is_denied]}}]}
`;
}

function newSecret(): string {
  return randomBytes(32).toString('base64');
}

async function issue(folder: string) {
  const dir = join(folder, 'authority');
  const now = Date.now();
  const authority = await ensureAuthority(dir, { now });
  const names = ['localhost', 'authenticate.localhost'];
  return { authority, certificate: await ensureServerCertificate({ authority, dir, names, now }) };
}

async function startDevelopmentIdp(issuer: string, port: number, gatewayPort: number) {
  return startIdp({
    issuer,
    listen: { host: '127.0.0.1', port },
    stateFile: ':memory:',
    users: { [USER]: { email: 'member@example.com', name: 'Max Member', groups: ['staff'] } },
    client: {
      id: 'mcpgw',
      secret: 'secret',
      redirectUris: [`https://authenticate.localhost:${gatewayPort}/oauth2/callback`],
    },
    log: () => undefined,
  });
}

/** An External Token by the whole way: challenge, metadata, registration, sign-in, code. */
async function signIn(origin: string, identityProvider: string, folder: string, fetch: Fetch): Promise<string> {
  const { accessToken } = await obtainToken({
    server: new URL(origin),
    as: { user: USER, identityProvider: new URL(identityProvider) },
    browser: false,
    interactive: false,
    unattended: true,
    fetch,
    openUrl: async () => false,
    prompt: { input: async () => Promise.reject(new Error('nobody to ask')) },
    store: createTokenStore({ folder: join(folder, 'tokens'), note: () => undefined }),
    now: Date.now,
    signal: AbortSignal.timeout(20_000),
    note: () => undefined,
  });
  return accessToken;
}
