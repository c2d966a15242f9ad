import { startGateway, type RunningGateway } from '../../../../src/gateway/index.ts';
import type { LogEntry } from '../../../../src/net/log.ts';
import { startProvider, type TestProvider } from '../../gateway-identity/provider.ts';
import { issueTestCertificate, type TestCertificate } from './certificate.ts';
import { RecordedAuthorizationServer } from './recorded-authorization-server.ts';
import { startRecordedApp, startRecordedUpstream, type RecordedServer } from './recorded-upstream.ts';
import { readFixture } from './recordings.ts';
import { optionsOf } from './start.ts';
import { UpstreamGuard } from './upstream-guard.ts';
import { exchange, type WireResponse } from './wire.ts';

/** The whole gateway under the configuration of the recordings, with everything around it that was there. */
export class Surroundings {
  readonly log: LogEntry[] = [];
  readonly authorizationServer = new RecordedAuthorizationServer();
  readonly guard = new UpstreamGuard(this.authorizationServer);
  readonly provider: TestProvider;
  /** The configuration of the recordings. */
  readonly base: string;
  readonly #certificate: TestCertificate;
  readonly #ports = new Map<string, number>();
  readonly #servers: RecordedServer[] = [];
  #gateway: RunningGateway | undefined;
  #yaml: string;

  constructor(provider: TestProvider, certificate: TestCertificate) {
    this.provider = provider;
    this.#certificate = certificate;
    this.base = readFixture('config-full.yaml')
      .replace(/ +tls_custom_ca_file: .*\n/, '')
      .replace('http://idp.corp.test:18080/realms/corp', provider.issuer)
      .replace('pomerium-e2e-secret', 'secret')
      .replaceAll('<base64 of 32 bytes>', Buffer.alloc(32, 7).toString('base64'));
    this.#yaml = this.base;
  }

  protected static async prepare(): Promise<[TestProvider, TestCertificate]> {
    const names = ['mcp.corp.test', 'upmcp.corp.test', 'upas.corp.test'];
    return [await startProvider(), await issueTestCertificate('corp.test', names)];
  }

  protected async start(): Promise<void> {
    await this.#openUpstreams();
    await this.restart();
  }

  async close(): Promise<void> {
    await this.#gateway?.close();
    await Promise.all([...this.#servers.map(async (server) => server.close()), this.authorizationServer.close()]);
    await this.provider.close();
  }

  async #openUpstreams(): Promise<void> {
    const tls = this.#certificate;
    const [plain, app] = [await startRecordedUpstream(), await startRecordedApp()];
    const guard = this.guard.check.bind(this.guard);
    const [guarded, secure] = [await startRecordedUpstream(guard), await startRecordedUpstream(guard, tls)];
    this.#servers.push(plain, app, guarded, secure);
    const { port, securePort } = await this.authorizationServer.open(tls);
    const ports = { 18081: plain.port, 18082: app.port, 18083: guarded.port, 18090: port, 18099: 1 };
    for (const [recorded, here] of Object.entries(ports)) this.#ports.set(`127.0.0.1:${recorded}`, here);
    this.#ports.set('upmcp.corp.test:18483', secure.port).set('upas.corp.test:18490', securePort);
  }

  /** A gateway that remembers nothing of the last one, as with a store in memory. */
  async restart(): Promise<void> {
    await this.#gateway?.close();
    this.#gateway = await startGateway({
      options: optionsOf(this.#yaml, this.#certificate),
      listen: { host: '127.0.0.1', port: 0 },
      stateFile: ':memory:',
      tls: this.#certificate,
      resolve: (hostname, port) => {
        const here = this.#ports.get(`${hostname}:${port}`);
        return here === undefined ? undefined : { host: '127.0.0.1', port: here };
      },
      ca: [this.#certificate.ca],
      log: (entry) => void this.log.push(entry),
      allowPrivateMetadataHosts: true,
    });
  }

  /** Puts a configuration in force, unless it is so already. */
  configure(yaml: string): void {
    if (yaml !== this.#yaml) this.#running.reload(optionsOf(yaml, this.#certificate));
    this.#yaml = yaml;
  }

  get #running(): RunningGateway {
    if (!this.#gateway) throw new Error('the stage is not open');
    return this.#gateway;
  }

  send(request: Buffer | string): Promise<WireResponse> {
    const target = { port: this.#running.address.port, ca: this.#certificate.ca, servername: 'mcp.corp.test' };
    return exchange(target, request);
  }
}
