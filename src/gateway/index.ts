import { readFileSync } from 'node:fs';
import { CliError } from '../errors.ts';
import type { Log } from '../net/log.ts';
import type { Resolve } from '../net/resolve.ts';
import type { Options } from '../pomerium/model.ts';
import { DEFAULT_RELEASE, emulatedBehaviour, type EmulatedRelease } from '../pomerium/versions.ts';
import { dispatch } from './dispatch.ts';
import type { Identity, IdentityOptions } from './exchange.ts';
import { activeFaults, checkFaults } from './faults.ts';
import { createIdentity } from './identity.ts';
import { Certificates, readCertificates, type Credentials } from './certificates.ts';
import { unchangeableKeys } from './fixed-keys.ts';
import { listen, type Listener, type ListenerHandlers } from './listener.ts';
import { redirectToHttps } from './redirect-listener.ts';
import { createState, type Gateway } from './state.ts';
import { withHostCookies } from './strict/cookie-options.ts';
import { atFrontDoor } from './strict/front-door.ts';
import { unhonouredKeys } from './unhonoured.ts';
import { upgrade } from './upgrade.ts';
import { Pools } from './upstream/pools.ts';

export { FAULTS } from './faults.ts';

export interface GatewayOptions {
  options: Options;
  /** Where to listen in place of `address`. */
  listen?: { host: string; port: number };
  /** SQLite file for what has to survive a restart, or `:memory:`, in place of the store that the configuration names. */
  stateFile?: string;
  /** Reads the files that the configuration names; absent: relative to where this process was started. */
  readFile?: (path: string) => string;
  /** PEM; in place of the configuration's certificates. */
  tls?: Credentials;
  /** Where names of upstreams and of the identity provider lead on this machine. */
  resolve: Resolve;
  /** PEM texts trusted for upstreams and the identity provider, beside the well-known roots. */
  ca: readonly string[];
  log: Log;
  /** Lets client metadata documents come from private addresses; Pomerium never does. */
  allowPrivateMetadataHosts: boolean;
  /** The Pomerium to behave as; v0.33.1 when left out. */
  release?: EmulatedRelease;
  /** See faults.ts. */
  faults?: readonly string[];
  /** Holds what Pomerium lets pass: docs/security.md. */
  strict?: boolean;
}

export interface RunningGateway {
  address: { host: string; port: number };
  /** Swaps the configuration between two requests; throws CliError and keeps the old one when it cannot be used. */
  reload(options: Options): void;
  /**
   * Frees the port, lets calls in flight finish for up to `graceMs` milliseconds (0: not at all) and ends every connection. Streams that
   * a client holds open to listen are no calls.
   */
  close(graceMs?: number): Promise<void>;
  stats(): GatewayStats;
}

export interface GatewayStats {
  sessions: number;
  users: { email: string; expiresAt: number }[];
  /** Event streams that are open now. */
  openStreams: number;
  /** Why the store cannot be used now. */
  storeFailure?: string;
}

/** Starts the development gateway: it answers as Pomerium v0.33.1 does. Throws CliError when it cannot start. */
export function startGateway(o: GatewayOptions): Promise<RunningGateway> {
  return startGatewayWith(o, createIdentity);
}

/** The same with another identity half. */
export async function startGatewayWith(
  o: GatewayOptions,
  makeIdentity: (options: IdentityOptions) => Identity,
): Promise<RunningGateway> {
  const { log } = o;
  const faults = o.faults ?? [];
  const release = o.release ?? DEFAULT_RELEASE;
  const behaviour = emulatedBehaviour(release);
  checkFaults(faults);
  const strict = o.strict === true;
  const prepared = (options: Options): Options => (strict ? withHostCookies(options) : options);
  const secure = !o.options.insecure_server;
  const pools = new Pools(o.resolve, o.ca);
  const readFile = o.readFile ?? ((path: string) => readFileSync(path, 'utf8'));
  const context = { pools, secure, behaviour, readFile, strict };
  const state = createState(prepared(o.options), context);
  const certificates = secure ? (o.tls ? new Certificates(o.tls) : readCertificates(o.options, readFile)) : undefined;
  // The identity half reads the configuration while it is made, so it cannot wait for the gateway object.
  const current: Pick<Gateway, 'state'> = { state };
  const identity = makeIdentity({
    behaviour,
    options: () => current.state.options,
    table: () => current.state.table,
    ...(o.stateFile === undefined ? {} : { stateFile: o.stateFile }),
    resolve: o.resolve,
    ca: o.ca,
    log,
    allowPrivateMetadataHosts: o.allowPrivateMetadataHosts,
    faults,
    strict,
  });
  const gateway: Gateway = { state, identity, log, faults: activeFaults(faults), streams: new Set() };
  const where = o.listen ?? parseAddress(o.options.address);
  let listener: Listener;
  try {
    // Else a good token would be a stranger's for a moment, and its client would sign in again.
    await identity.settled;
    const handlers: ListenerHandlers = {
      request: (request, response) => dispatch(gateway, request, response),
      upgrade: (request, socket, head) => upgrade(gateway, request, socket, head),
    };
    listener = await listen(where, certificates, strict ? atFrontDoor(gateway, handlers) : handlers);
  } catch (error) {
    await identity.close();
    throw error;
  }
  const redirect = await redirectToHttps(o.options.http_redirect_addr, log);
  announce(o, listener.address, release);
  return {
    address: listener.address,
    reload(options) {
      // Everything that can fail comes first: a configuration is in force as a whole or not at all.
      const next = createState(prepared(options), context);
      const fresh = certificates && !o.tls ? readCertificates(options, readFile) : undefined;
      pools.sweep();
      current.state = next;
      gateway.state = next;
      if (fresh) listener.setCertificates(fresh);
      log({ level: 'info', message: 'config: updated config', routes: options.routes.length });
      for (const entry of [...unchangeableKeys(o.options, options), ...unhonouredKeys(options)]) log(entry);
    },
    async close(graceMs = 0) {
      const closed = Promise.all([listener.close(graceMs), redirect?.close()]);
      for (const stream of gateway.streams) if (stream.listens) stream.breakOff();
      await closed;
      pools.destroy();
      await identity.close();
    },
    stats() {
      const storeFailure = identity.storeFailure?.();
      return {
        ...identity.stats(),
        openStreams: gateway.streams.size,
        ...(storeFailure === undefined ? {} : { storeFailure }),
      };
    },
  };
}

function announce(
  { log, options, faults = [], strict = false }: GatewayOptions,
  address: RunningGateway['address'],
  release: EmulatedRelease,
): void {
  const model = release === 'next' ? 'Pomerium’s main branch' : `Pomerium ${release}`;
  log({
    level: 'warn',
    message: `this is the development gateway of mcpgw: it behaves as ${model} does and is not meant for production`,
  });
  if (strict) log({ level: 'info', message: 'strict: what Pomerium lets pass is held here' });
  if (faults.length > 0) log({ level: 'warn', message: `faults on demand: ${faults.join(', ')}`, faults });
  for (const entry of unhonouredKeys(options)) log(entry);
  log({
    level: 'info',
    message: 'listening',
    address: `${address.host}:${address.port}`,
    routes: options.routes.length,
  });
}

/** An address without a host means loopback here: a development gateway is for this machine. */
function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3] ?? Number.NaN);
  if (!match || port > 65_535) {
    throw new CliError({
      code: 'BAD_ADDRESS',
      message: `address \`${address}\` is not host:port`,
      fix: 'write `address: :8443` in pomerium-config.yaml',
    });
  }
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
