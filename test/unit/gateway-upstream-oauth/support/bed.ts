import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type GatewayOptions, type RunningGateway } from '../../../../src/gateway/index.ts';
import { openDatabase } from '../../../../src/gateway/identity/database.ts';
import { createToken } from '../../../../src/gateway/identity/opaque-token.ts';
import { deriveKeys } from '../../../../src/gateway/identity/seal.ts';
import { signHandle } from '../../../../src/gateway/identity/session-handle.ts';
import type { StoredSession } from '../../../../src/gateway/identity/session-table.ts';
import type { StateStore } from '../../../../src/gateway/identity/state-store.ts';
import { Store } from '../../../../src/gateway/identity/store.ts';
import type { LogEntry } from '../../../../src/net/log.ts';
import { compileRoutes } from '../../../../src/pomerium/index.ts';
import { issueTestCertificate, type TestCertificate } from '../../gateway/support/certificate.ts';
import { optionsOf } from '../../gateway/support/start.ts';
import { sendOverTls, type Got, type Sent } from './send.ts';

export const CALLBACK = 'http://127.0.0.1:7777/callback';
export const HOST = 'up.corp.test';
/** A pre-registered client with static endpoints, and a parameter that it may not set. */
export const STATIC =
  '{upstream_oauth2: {client_id: preregistered, client_secret: s3cret, scopes: [read], endpoint: {auth_url: "https://upas.corp.test/authorize?tenant=1", token_url: "https://upas.corp.test/token", auth_style: header}, authorization_url_params: {access_type: offline, state: forged}}}';
const SECRET = Buffer.alloc(32, 7);

const NAMES = [HOST, ...['other', 'plain', 'app', 'upmcp', 'upas', 'evil', 'auth'].map((name) => `${name}.corp.test`)];
const inherited = process.env['BED_CERTIFICATE'];
/** One authority for a whole test file, and for the processes that it starts: making one takes longer than most tests. */
export const certificate: TestCertificate = inherited
  ? (JSON.parse(inherited) as TestCertificate)
  : await issueTestCertificate('corp.test', NAMES);

export interface BedOptions {
  /** YAML of the route's `mcp.server`, in flow style. */
  server?: string;
  to?: string;
  /** One more key of the route. */
  route?: string;
  /** Further routes and keys. */
  more?: string;
  dynamicRegistration?: boolean;
  /** Ports by `name:port`. */
  ports: Record<string, number>;
  allowPrivateHosts?: boolean;
  release?: NonNullable<GatewayOptions['release']>;
  /** Keep the state file of another bed. */
  folder?: string;
  /** Keys of the store that the configuration names, in place of a SQLite file, and how it is looked into. */
  storage?: string;
  openStore?: () => Promise<StateStore>;
}

/** The whole gateway over TLS, its state in a file that can be looked into. Users are signed in without a provider. */
export class Bed {
  readonly folder: string;
  readonly log: LogEntry[] = [];
  readonly o: BedOptions;
  #gateway: RunningGateway | undefined;

  private constructor(o: BedOptions, folder: string) {
    this.o = o;
    this.folder = folder;
  }

  static async start(o: BedOptions): Promise<Bed> {
    const bed = new Bed(o, o.folder ?? (await mkdtemp(join(tmpdir(), 'mcpgw-upstream-'))));
    await bed.restart();
    return bed;
  }

  get port(): number {
    return this.#gateway?.address.port ?? 0;
  }

  get stateFile(): string {
    return join(this.folder, 'state.sqlite');
  }

  get options() {
    const {
      server = '{}',
      to = 'https://upmcp.corp.test',
      more = '',
      route = '',
      dynamicRegistration = false,
      storage = '',
    } = this.o;
    return optionsOf(
      `
authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: http://127.0.0.1:9
idp_client_id: mcpgw
idp_client_secret: x
certificates: [{cert: /x.crt, key: /x.key}]
shared_secret: ${SECRET.toString('base64')}
cookie_secret: ${SECRET.toString('base64')}
runtime_flags: {mcp: true, mcp_dynamic_client_registration: ${dynamicRegistration}}
${storage}
routes:
  - name: Up
    from: https://${HOST}
    to: ${to}
    mcp: {server: ${server}}
    ${route}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
  - from: https://app.corp.test
    to: http://127.0.0.1:1
    mcp: {client: {}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
${more}`,
      certificate,
    );
  }

  async restart(): Promise<void> {
    await this.#gateway?.close();
    this.#gateway = await startGateway({
      options: this.options,
      listen: { host: '127.0.0.1', port: 0 },
      ...(this.o.storage === undefined ? { stateFile: this.stateFile } : {}),
      tls: certificate,
      ...(this.o.release === undefined ? {} : { release: this.o.release }),
      resolve: (hostname, port) => {
        const here = this.o.ports[`${hostname}:${port}`];
        return here === undefined ? undefined : { host: '127.0.0.1', port: here };
      },
      ca: [certificate.ca],
      log: (entry) => void this.log.push(entry),
      allowPrivateMetadataHosts: this.o.allowPrivateHosts ?? false,
    });
  }

  async close(): Promise<void> {
    await this.#gateway?.close();
    if (this.o.folder === undefined) await rm(this.folder, { recursive: true });
  }

  /** What the log says, as one text. */
  get logText(): string {
    return JSON.stringify(this.log);
  }

  get routeId(): string {
    return compileRoutes(this.options).routes[0]?.id ?? '';
  }

  /** Works on the state file from outside, as another process does. */
  async withStore<T>(work: (store: StateStore) => T | Promise<T>): Promise<T> {
    const store = (await this.o.openStore?.()) ?? new Store(openDatabase(this.stateFile));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  /** An External Token of a new session. */
  async signIn(userId = 'alice'): Promise<string> {
    const { id, expiresAt } = await this.#addSession(userId);
    return createToken(deriveKeys(SECRET).tokens, 'access', { id, expiresAt });
  }

  /** A Cookie header of a new session. */
  async signInBrowser(userId = 'alice'): Promise<string> {
    const { id, idpId } = await this.#addSession(userId);
    return `_pomerium=${signHandle(deriveKeys(SECRET).cookies, { id, userId, idpId }, 'x', ['x'])}`;
  }

  async #addSession(userId: string): Promise<StoredSession> {
    const now = Date.now();
    const session: StoredSession = {
      id: randomUUID(),
      userId,
      email: `${userId}@company.com`,
      name: userId,
      claims: { sub: userId },
      idpId: 'idp',
      issuedAt: now,
      expiresAt: now + 14 * 3_600_000,
    };
    await this.withStore((store) => store.sessions.add(session));
    return session;
  }

  /** A registered MCP client; the registration endpoint may be off. */
  async addClient(): Promise<string> {
    const id = randomUUID();
    const metadata = {
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    };
    await this.withStore((store) => store.clients.add({ id, metadata }));
    return id;
  }

  send(path: string, sent: Sent = {}): Promise<Got> {
    return sendOverTls({ port: this.port, host: HOST, ca: certificate.ca }, path, sent);
  }

  /** A call of an MCP client. */
  call(token: string, path = '/mcp', sent: Sent = {}): Promise<Got> {
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"headers"}}';
    const accept = 'application/json, text/event-stream';
    const headers = { authorization: `Bearer ${token}`, accept, 'content-type': 'application/json' };
    return this.send(path, { method: 'POST', body, ...sent, headers: { ...headers, ...sent.headers } });
  }

  /** The authorization request of an MCP client; PKCE so that its code can be redeemed. */
  authorize(token: string, clientId: string, sent: Sent = {}): Promise<Got & { verifier: string }> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: CALLBACK,
      state: 'st-1',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const headers = { authorization: `Bearer ${token}`, ...sent.headers };
    return this.send(`/.pomerium/mcp/authorize?${query.toString()}`, { ...sent, headers }).then((got) => ({
      ...got,
      verifier,
    }));
  }

  connect(token: string, returnTo = 'https://app.corp.test/done', sent: Sent = {}): Promise<Got> {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...sent.headers };
    return this.send(`/.pomerium/mcp/connect?redirect_url=${encodeURIComponent(returnTo)}`, { ...sent, headers });
  }

  callback(parameters: Record<string, string>, sent: Sent = {}): Promise<Got> {
    return this.send(`/.pomerium/mcp/client/oauth/callback?${new URLSearchParams(parameters).toString()}`, sent);
  }

  async redeem(clientId: string, location: URL, verifier: string): Promise<Got> {
    const form = {
      grant_type: 'authorization_code',
      client_id: clientId,
      code: location.searchParams.get('code') ?? '',
      code_verifier: verifier,
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.send('/.pomerium/mcp/token', { method: 'POST', headers, body: new URLSearchParams(form).toString() });
  }
}
