import type { Log } from '../../net/log.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { startIdp } from '../../idp/index.ts';
import type { ServiceStatus } from '../engine.ts';
import { accepts } from '../port-busy.ts';
import { mirrorOnIPv6, type Relay } from './ipv6-mirror.ts';
import type { ServicePart } from './part.ts';

export interface IdentityProviderOptions {
  project: Project;
  options: Options;
  hash: string;
  log: Log;
}

/** The development identity provider, inside the engine's own process. */
export class IdentityProvider implements ServicePart {
  readonly name = 'idp';
  readonly kind = 'identity provider';
  readonly hash: string;
  readonly #options: IdentityProviderOptions;
  #running: Awaited<ReturnType<typeof startIdp>> | undefined;
  #mirror: Relay | undefined;

  constructor(options: IdentityProviderOptions) {
    this.hash = options.hash;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { project, options, log } = this.#options;
    const port = project.settings.idp?.port ?? 0;
    const { startIdp } = await import('../../idp/index.ts');
    this.#running = await startIdp({
      issuer: options.idp_provider_url ?? `http://idp.${project.settings.domain}:${port}`,
      listen: { host: '127.0.0.1', port },
      stateFile: project.paths.idpState,
      users: project.settings.users,
      client: {
        id: options.idp_client_id ?? 'mcpgw',
        secret: project.secrets['IDP_CLIENT_SECRET'] ?? options.idp_client_secret ?? '',
        redirectUris: redirectUris(options),
      },
      // Pomerium v0.33.1 copies one refresh token of the identity provider into the record of each MCP client
      // (internal/mcp/handler_token.go): with rotation, two clients behind one sign-in would end each other's.
      rotateRefreshTokens: false,
      log,
    });
    this.#mirror = await mirrorOnIPv6(this.#running.address.port);
  }

  update(project: Project, options: Options): void {
    this.#running?.setUsers(project.settings.users, redirectUris(options));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#mirror?.close(), this.#running?.close()]);
    this.#running = undefined;
  }

  async status(): Promise<ServiceStatus> {
    const address = this.#running?.address;
    const answers = address !== undefined && (await accepts(address.port));
    return {
      name: this.name,
      kind: this.kind,
      state: address ? 'running' : 'stopped',
      health: answers ? 'healthy' : 'unhealthy',
      restarts: 0,
      ...(address ? { address: `${address.host}:${address.port}` } : {}),
    };
  }

  summary(): string {
    const { project, options } = this.#options;
    return `${options.idp_provider_url ?? ''} (users ${Object.keys(project.settings.users).join(', ')})`;
  }
}

/** Pomerium v0.33.1: always this path below the authenticate service. */
function redirectUris(options: Options): string[] {
  const base = options.authenticate_service_url;
  return base && URL.canParse(base) ? [new URL('/oauth2/callback', base).href] : [];
}
