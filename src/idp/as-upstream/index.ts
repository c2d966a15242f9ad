import { CliError } from '../../errors.ts';
import { addressOf, listen, stop } from '../server.ts';
import { Clients } from './clients.ts';
import { activeFaults, type ActiveFault } from './faults/index.ts';
import { Grants } from './grants.ts';
import { handle } from './handle.ts';
import type { UpstreamProvider, UpstreamProviderOptions, UpstreamProviderStats } from './options.ts';
import type { Behaviour, Site } from './site.ts';

export type { UpstreamProvider, UpstreamProviderOptions } from './options.ts';
export { UPSTREAM_FAULTS, type UpstreamFault } from './faults/index.ts';

/**
 * Starts a mock of a service that a gateway reaches with a token of its own: an authorization server and the MCP server it protects,
 * on one listener, with faults on demand. Everything is in memory.
 * Throws CliError for a busy port, an issuer that is none, and a fault that there is not.
 */
export async function startUpstreamProvider(options: UpstreamProviderOptions): Promise<UpstreamProvider> {
  const { log, now = Date.now } = options;
  assertIssuer(options.issuer);
  const stats = noStats();
  const closing = new AbortController();
  const site: Site = {
    options,
    behaviour: normalBehaviour(options),
    clients: new Clients(options),
    grants: new Grants(now),
    count: (what) => void (stats[what] += 1),
  };
  let faults: readonly ActiveFault[] = [];
  const setFaults = (names: readonly string[]): void => {
    faults = activeFaults(names);
    site.behaviour = faults.reduce(
      (behaviour, fault) => fault.behave?.(behaviour, fault.given) ?? behaviour,
      normalBehaviour(options),
    );
  };
  setFaults(options.faults);
  const server = await listen(
    (request, response) => {
      handle(site, faults, closing.signal, request, response).catch((error: unknown) => {
        log({ level: 'error', message: 'a request failed', reason: error instanceof Error ? error.message : '' });
        response.destroy();
      });
    },
    options.listen,
    options.tls,
  );
  const address = addressOf(server);
  log({
    level: 'warn',
    message: 'mock upstream provider, for development only: whoever reaches it can approve as any of its users',
    issuer: options.issuer,
    address: `${address.host}:${address.port}`,
    faults: options.faults,
  });
  return {
    address,
    issuer: options.issuer,
    stats: () => ({ ...stats }),
    setFaults,
    expireAll: () => site.grants.expireAll(),
    revokeAll: () => site.grants.revokeAll(),
    close: async () => {
      closing.abort();
      await stop(server);
    },
  };
}

function normalBehaviour({ accessTokenLife, refreshTokens }: UpstreamProviderOptions): Behaviour {
  return {
    accessTokenLife,
    refreshTokens,
    reuseEndsGrant: false,
    earlyExpiry: 0,
    clientAuthentication: ['client_secret_basic', 'client_secret_post', 'none'],
    scopeSeparator: ' ',
  };
}

function noStats(): UpstreamProviderStats {
  return {
    authorizations: 0,
    tokensIssued: 0,
    refreshes: 0,
    refused: 0,
    registrations: 0,
    revocations: 0,
    resourceCalls: 0,
    faultsStruck: 0,
  };
}

function assertIssuer(issuer: string): void {
  const url = URL.parse(issuer);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return;
  throw new CliError({
    code: 'IDP_ISSUER',
    message: `\`${issuer}\` cannot be the issuer of the upstream provider: it has to be an http or https URL without a query`,
    fix: 'write http://127.0.0.1:9090, or https://upstream.localhost:9443',
  });
}
