import { onTestFinished } from 'vitest';
import { startGateway, type GatewayOptions, type RunningGateway } from '../../../../src/gateway/index.ts';
import { createFetch, type Fetch } from '../../../../src/net/fetch.ts';
import type { LogEntry } from '../../../../src/net/log.ts';
import type { Resolve } from '../../../../src/net/resolve.ts';
import { Person } from '../../../helpers/person.ts';
import { startProvider, type TestProvider, type TestUser } from '../../gateway-identity/provider.ts';
import { issueTestCertificate } from '../../gateway/support/certificate.ts';
import { optionsOf } from '../../gateway/support/start.ts';
import { exchange, type WireResponse } from '../../gateway/support/wire.ts';
import { A, APP, B, DOCUMENT, UP } from './hosts.ts';
import { McpClient } from './mcp-client.ts';
import { Echo, TlsService } from './services.ts';

export { A, APP, B, DOCUMENT, UP };

export const ALICE: TestUser = { sub: 'alice', email: 'alice@company.com', name: 'Alice', groups: [] };
export const BOB: TestUser = { sub: 'bob', email: 'bob@company.com', name: 'Bob', groups: [] };

const NAMES = ['a', 'b', 'up', 'app', 'auth', 'disc', 'upas', 'client'].map((name) => `${name}.localhost`);
/** Making an authority takes longer than most tests. */
const certificate = await issueTestCertificate('localhost', NAMES);
const SECRET = Buffer.alloc(32, 9).toString('base64');

export interface BedOptions {
  strict?: boolean;
  /** Further keys of the configuration; they take the place of the same ones here. */
  keys?: string;
  /** Further routes. */
  routes?: string;
  allowPrivateMetadataHosts?: boolean;
  release?: NonNullable<GatewayOptions['release']>;
}

/** The whole gateway over TLS with an identity provider, upstreams, and people with browsers. */
export class Bed {
  readonly echo = new Echo();
  /** The upstream's authorization server. */
  readonly upas = new TlsService(certificate);
  /** Where client metadata documents are. */
  readonly documents = new TlsService(certificate);
  readonly log: LogEntry[] = [];
  readonly provider: TestProvider;
  readonly #ports: Record<string, number> = {};
  #gateway: RunningGateway | undefined;

  private constructor(provider: TestProvider) {
    this.provider = provider;
  }

  /** Ends with the test that opens it. */
  static async open(o: BedOptions = {}): Promise<Bed> {
    const bed = new Bed(await startProvider());
    onTestFinished(() => bed.close());
    bed.#ports['upstream:80'] = await bed.echo.start();
    bed.#ports['upas.localhost:443'] = await bed.upas.start();
    bed.#ports['client.localhost:9443'] = await bed.documents.start();
    bed.#ports['untrusted.localhost:9443'] = bed.#ports['client.localhost:9443'];
    bed.#gateway = await startGateway({
      options: optionsOf(configuration(bed.provider.issuer, o), certificate),
      listen: { host: '127.0.0.1', port: 0 },
      stateFile: ':memory:',
      tls: certificate,
      resolve: bed.#resolve,
      ca: [certificate.ca],
      log: (entry) => void bed.log.push(entry),
      allowPrivateMetadataHosts: o.allowPrivateMetadataHosts ?? true,
      ...(o.strict === undefined ? {} : { strict: o.strict }),
      ...(o.release === undefined ? {} : { release: o.release }),
    });
    return bed;
  }

  get gateway(): RunningGateway {
    if (!this.#gateway) throw new Error('the gateway does not run');
    return this.#gateway;
  }

  get target() {
    return { port: this.gateway.address.port, ca: certificate.ca, servername: 'a.localhost' };
  }

  readonly #resolve: Resolve = (host, port) => {
    const mapped = this.#ports[`${host}:${port}`];
    return mapped === undefined ? undefined : { host: '127.0.0.1', port: mapped };
  };

  get fetch(): Fetch {
    const { port } = this.gateway.address;
    return createFetch({
      ca: [certificate.ca],
      resolve: (host, wanted) => (wanted === 8443 ? { host: '127.0.0.1', port } : this.#resolve(host, wanted)),
    });
  }

  /** A browser, and whoever signs in with it from now on is this user. */
  browserOf(user: TestUser = ALICE): Person {
    this.provider.user = user;
    return new Person(user.sub, this.fetch, []);
  }

  client(person: Person = this.browserOf()): McpClient {
    return new McpClient(this.fetch, person);
  }

  /** Bytes as they are. */
  raw(bytes: string | Buffer): Promise<WireResponse> {
    return exchange(this.target, bytes);
  }

  /** What the log says, as one text. */
  get logText(): string {
    return JSON.stringify(this.log);
  }

  async close(): Promise<void> {
    await this.#gateway?.close();
    await Promise.all([this.echo.close(), this.upas.close(), this.documents.close(), this.provider.close()]);
  }
}

const ALLOW = 'policy: [{allow: {or: [{domain: {is: company.com}}]}}]';

function configuration(issuer: string, { keys = '', routes = '' }: BedOptions): string {
  const own = keys.includes('mcp_allowed_client_id_domains') ? '' : 'mcp_allowed_client_id_domains: [client.localhost]';
  return `
authenticate_service_url: https://auth.localhost:8443
idp_provider: oidc
idp_provider_url: ${issuer}
idp_client_id: pomerium
idp_client_secret: idp-secret
certificates: [{cert: /x.crt, key: /x.key}]
shared_secret: ${SECRET}
cookie_secret: ${SECRET}
runtime_flags: {mcp: true, mcp_dynamic_client_registration: true}
${own}
${keys}
routes:
  - name: Alpha
    from: ${A}
    to: http://upstream:80
    mcp: {server: {}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}, {deny: {or: [{mcp_tool: {is: secret}}]}}]
  - name: Beta
    from: ${B}
    to: http://upstream:80
    pass_identity_headers: true
    mcp: {server: {}}
    ${ALLOW}
  - name: Up
    from: ${UP}
    to: http://upstream:80
    mcp: {server: {upstream_oauth2: {client_id: pre, client_secret: up-secret, scopes: [read], endpoint: {auth_url: "https://upas.localhost/authorize", token_url: "https://upas.localhost/token"}}}}
    ${ALLOW}
  - name: App
    from: ${APP}
    to: http://upstream:80
    mcp: {client: {}}
    ${ALLOW}
${routes}`;
}
