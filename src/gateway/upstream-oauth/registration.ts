import type { Log } from '../../net/log.ts';
import type { StateStore } from '../identity/state-store.ts';
import type { UpstreamHttp } from './http.ts';
import { DiscoveryFailed, type Setup } from './setup.ts';
import type { Vault } from './vault.ts';

interface RegisteredClient {
  clientId: string;
  clientSecret?: string;
  redirectUri: string;
}

export interface RegistrationsOptions {
  store: StateStore;
  vault: Vault;
  http: UpstreamHttp;
  log: Log;
  /** The runtime flag `mcp_dynamic_client_registration`. */
  enabled: () => boolean;
}

/** The gateway's registrations at authorization servers (RFC 7591), one for each issuer and host. Pomerium v0.33.1 handler_connect.go. */
export class UpstreamRegistrations {
  readonly #o: RegistrationsOptions;
  readonly #running = new Map<string, Promise<RegisteredClient>>();

  constructor(o: RegistrationsOptions) {
    this.#o = o;
  }

  /** The setup with a client. Throws DiscoveryFailed while registration is off, another error when the server does not take it. */
  async complete(setup: Setup, host: string): Promise<Setup> {
    if (setup.clientId !== '') return setup;
    if (!this.#o.enabled()) {
      throw new DiscoveryFailed(
        'dynamic client registration is disabled, enable the runtime flag : `mcp_dynamic_client_registration`',
      );
    }
    const { clientId, clientSecret } = await this.#find(setup, host);
    return { ...setup, clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
  }

  #find(setup: Setup, host: string): Promise<RegisteredClient> {
    const name = JSON.stringify([setup.discovered.issuer, host]);
    const running = this.#running.get(name);
    if (running) return running;
    const found = this.#findOrRegister(setup, host).finally(() => this.#running.delete(name));
    this.#running.set(name, found);
    return found;
  }

  async #findOrRegister({ discovered, redirectUri }: Setup, host: string): Promise<RegisteredClient> {
    const { store, vault, log } = this.#o;
    const { issuer, registrationEndpoint } = discovered;
    const stored = await store.upstreamClients.find(issuer, host);
    const known = stored && (vault.open(stored.sealed, issuer, host) as RegisteredClient | undefined);
    if (known) return known;
    const registered = await this.#register(registrationEndpoint, redirectUri);
    await store.upstreamClients.put({ issuer, downstreamHost: host, sealed: vault.close(registered, issuer, host) });
    log({
      level: 'info',
      message: 'mcp/auto-discovery: dynamic client registration succeeded',
      issuer,
      'downstream-host': host,
      'client-id': registered.clientId,
    });
    return registered;
  }

  async #register(endpoint: string, redirectUri: string): Promise<RegisteredClient> {
    const request = {
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'Pomerium MCP Proxy',
    };
    const { status, body } = await this.#o.http.post(endpoint, 'application/json', JSON.stringify(request));
    if (status < 200 || status >= 300) throw new Error(`registration endpoint ${endpoint} returned status ${status}`);
    return { ...readRegistration(body), redirectUri };
  }
}

/** RFC 7591 §3.2.1 as Pomerium checks it: with a secret, its expiry has to be there. */
function readRegistration(body: string): Pick<RegisteredClient, 'clientId' | 'clientSecret'> {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(body) as Record<string, unknown>;
  } catch {
    throw new Error('parsing registration response: not JSON');
  }
  const { client_id: clientId, client_secret: clientSecret, client_secret_expires_at: secretExpiry } = members ?? {};
  if (typeof clientId !== 'string' || clientId === '') {
    throw new Error('validating registration response: client_id: value is required');
  }
  if (clientSecret === undefined || clientSecret === null) return { clientId };
  if (typeof clientSecret !== 'string' || clientSecret === '') {
    throw new Error('validating registration response: client_secret must be at least 1 characters');
  }
  if (secretExpiry === undefined || secretExpiry === null) {
    throw new Error(
      'validating registration response: client_secret_expires_at is REQUIRED when client_secret is issued (RFC 7591 Section 3.2.1)',
    );
  }
  return { clientId, clientSecret };
}
