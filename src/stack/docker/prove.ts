import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../../errors.ts';
import { listTools, withToken } from '../../mcp/index.ts';
import type { Fetch } from '../../net/fetch.ts';
import { createTokenStore, obtainToken, type TokenStore } from '../../oauth/index.ts';
import type { Options, Route } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import { serverRoutes, shortName } from '../routes.ts';

/** What a route was seen to do. */
export type Proof =
  /** A real call went through, as this user. */
  | { kind: 'called'; route: Route; user?: string; tools: number }
  /** Nobody of the development users may use it: the gateway has decided, the server was not reached. */
  | { kind: 'refused'; route: Route }
  /** There is nobody to sign in as: it answers an anonymous call with its challenge. */
  | { kind: 'challenged'; route: Route };

export interface ProveOptions {
  project: Project;
  options: Options;
  fetch: Fetch;
  now: () => number;
  signal: AbortSignal;
  /** Sign in anew, whatever token is at hand: the files have changed since the last proof. */
  anew: boolean;
  /** Milliseconds for which a failing call is tried again. */
  patience: number;
  report: (text: string) => void;
  /** Throws when a container has gone in the meantime, or is known to be of no use. */
  watch: () => Promise<void>;
}

/** A call that did not go through in time. */
export class Unproven extends Error {
  readonly route: Route;
  /** Why, without the route's name. */
  readonly detail: string;

  constructor(route: Route, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`${shortName(route)}: ${detail}`, { cause });
    this.route = route;
    this.detail = detail;
  }
}

const PAUSE = 250;

/**
 * Calls each MCP route as a client would: challenge, metadata, registration, sign-in at the development identity provider, `tools/list`.
 * Nothing less proves a gateway: its challenge needs no database, and its health check lags (seen with v0.33.1).
 */
export async function proveRoutes(options: ProveOptions): Promise<Proof[]> {
  const { project } = options;
  // A store of its own: nobody else's sign-ins are touched, and a second look needs no new registration.
  const store = createTokenStore({ folder: join(project.paths.state, 'probe'), note: () => undefined });
  const routes = serverRoutes(options.options).filter(({ from }) => !new URL(from).hostname.includes('*'));
  const proofs: Proof[] = [];
  const first = routes.find((route) => !route.allow_public_unauthenticated_access);
  if (first && options.anew) await forgetSignIns(serverUrl(first), store, project);
  // One after the other: the first one registers, and a gateway that is not ready is asked once and not by all.
  for (const route of routes) proofs.push(await proveRoute(route, store, options));
  return proofs;
}

/** A token from before a change says nothing about sign-in as the files want it now. The client stays registered. */
async function forgetSignIns(server: URL, store: TokenStore, { settings }: Project): Promise<void> {
  const grants = await Promise.all(Object.keys(settings.users).map(async (user) => store.grants(server.href, user)));
  await Promise.all(grants.flat().map(async (grant) => store.drop(grant)));
}

function serverUrl(route: Route): URL {
  return new URL(route.mcp?.server?.path ?? '/', route.from);
}

async function proveRoute(route: Route, store: TokenStore, options: ProveOptions): Promise<Proof> {
  const deadline = performance.now() + options.patience;
  for (;;) {
    try {
      return await callRoute(route, store, options);
    } catch (error) {
      options.signal.throwIfAborted();
      await options.watch();
      if (performance.now() > deadline) throw new Unproven(route, error);
      options.report(`${shortName(route)}: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(PAUSE, undefined, { signal: options.signal });
    }
  }
}

async function callRoute(route: Route, store: TokenStore, options: ProveOptions): Promise<Proof> {
  const { project, fetch, signal } = options;
  const server = serverUrl(route);
  if (route.allow_public_unauthenticated_access)
    return { kind: 'called', route, tools: (await listTools({ server, fetch, signal })).length };
  const users = project.settings.idp ? Object.keys(project.settings.users) : [];
  if (users.length === 0) return challenge(route, server, options);
  for (const user of users) {
    try {
      const tools = await withToken(
        async (rejected) =>
          obtainToken({ ...signInOptions(server, user, store, options), ...(rejected ? { rejected } : {}) }),
        async (accessToken) =>
          listTools({ server, fetch, signal, ...(accessToken === undefined ? {} : { accessToken }) }),
      );
      return { kind: 'called', route, user, tools: tools.length };
    } catch (error) {
      // Another user may be the one that the policy is made for.
      if (!(error instanceof CliError) || error.code !== 'POLICY_DENIED') throw error;
    }
  }
  return { kind: 'refused', route };
}

function signInOptions(
  server: URL,
  user: string,
  store: TokenStore,
  { project, options, fetch, now, signal }: ProveOptions,
): Parameters<typeof obtainToken>[0] {
  const { domain, idp } = project.settings;
  return {
    server,
    as: { user, identityProvider: new URL(options.idp_provider_url ?? `http://idp.${domain}:${idp?.port ?? 0}`) },
    browser: false,
    interactive: false,
    unattended: true,
    fetch,
    openUrl: async () => false,
    prompt: { input: async () => '' },
    store,
    now,
    signal,
    note: () => undefined,
    command: 'mcpgw up',
  };
}

/** The 401 with where to find the metadata, and the metadata itself (RFC 9728 §5.1). */
async function challenge(route: Route, server: URL, { fetch, signal }: ProveOptions): Promise<Proof> {
  const response = await fetch(server, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    signal,
  });
  await response.body?.cancel();
  const where = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1];
  if (response.status !== 401 || where === undefined)
    throw new Error(`answered ${response.status} instead of a 401 that says where to sign in`);
  const metadata = await fetch(where, { signal });
  await metadata.body?.cancel();
  if (metadata.status !== 200) throw new Error(`its metadata at ${where} answered ${metadata.status}`);
  return { kind: 'challenged', route };
}

/** `whoami: 1 tool as member, sqlite: asks for a sign-in`. */
export function describeProofs(proofs: readonly Proof[]): string {
  return proofs.map((proof) => `${shortName(proof.route)}: ${describeProof(proof)}`).join(', ');
}

function describeProof(proof: Proof): string {
  if (proof.kind === 'refused') return 'its policy admits none of the development users';
  if (proof.kind === 'challenged') return 'asks for a sign-in';
  return `${proof.tools} tool${proof.tools === 1 ? '' : 's'}${proof.user === undefined ? '' : ` as ${proof.user}`}`;
}
