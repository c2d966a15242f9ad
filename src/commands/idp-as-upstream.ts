import { readFile } from 'node:fs/promises';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { startUpstreamProvider, type UpstreamFault } from '../idp/as-upstream/index.ts';
import type { DevUsers } from '../idp/index.ts';
import { createFetch, type Fetch } from '../net/fetch.ts';
import type { Log } from '../net/log.ts';
import { findProject, loadProject, type Project } from '../project/index.ts';
import { developmentUsers } from '../scaffold/users.ts';
import { parseListenAddress } from '../stack/listen-address.ts';
import { upstreamGuide } from '../ui/screens/upstream-guide.ts';
import { untilAborted } from '../until-aborted.ts';
import { certificateFor } from './idp-certificate.ts';

export interface AsUpstreamOptions {
  listen?: string;
  issuer?: string;
  cert?: string;
  key?: string;
  clientId?: string;
  registration?: boolean;
  documents?: boolean;
  /** Seconds. */
  tokenLife?: number;
  autoApprove?: string;
  fault?: string[];
}

/** What everybody can read in this file is no secret; UPSTREAM_CLIENT_SECRET is for those who want one. */
const KNOWN_SECRET = 'upstream-secret-for-development';
const TOKEN_LIFE = 3600;

/** Runs the mock of a service behind the gateway: prints how to point a route at it, then serves until Ctrl+C. */
export async function runAsUpstream(ctx: Ctx, options: AsUpstreamOptions, log: Log): Promise<void> {
  const listen = parseListenAddress(options.listen ?? '127.0.0.1:9090');
  const issuer = issuerOf(options, listen);
  const project = await projectHere(ctx);
  const certificate = await certificateFor(ctx, options, new URL(issuer), project);
  const ownSecret = ctx.env['UPSTREAM_CLIENT_SECRET'];
  const client = { id: options.clientId ?? 'mcpgw', secret: ownSecret || KNOWN_SECRET };
  const provider = await startUpstreamProvider({
    listen,
    issuer,
    tls: certificate,
    client,
    ...behaviourOf(options, usersOf(project)),
    log,
    fetch: await fetchFor(project),
  });
  const secret = ownSecret ? '${UPSTREAM_CLIENT_SECRET}' : KNOWN_SECRET;
  const gateway = project?.settings ?? { domain: 'localhost', port: 8443 };
  const { address } = provider;
  ctx.stdout.write(
    upstreamGuide({ issuer, address, client: { id: client.id, secret }, gateway, authority: certificate?.authority }),
  );
  await untilAborted(ctx.signal);
  await provider.close();
  const { authorizations, refreshes, resourceCalls, refused } = provider.stats();
  ctx.note(
    `stopped: ${authorizations} approved, ${refreshes} refreshed, ${resourceCalls} calls answered, ${refused} requests refused`,
  );
}

function behaviourOf(options: AsUpstreamOptions, users: DevUsers) {
  assertUser(options.autoApprove, Object.keys(users));
  return {
    registration: options.registration ?? true,
    clientMetadataDocuments: options.documents ?? true,
    users,
    accessTokenLife: options.tokenLife ?? TOKEN_LIFE,
    refreshTokens: true,
    scopes: ['read', 'write'],
    // A name that means nothing is refused there.
    faults: (options.fault ?? []) as UpstreamFault[],
    autoApprove: options.autoApprove,
  };
}

/** The project's, unless it has none because people sign in at an identity provider of their own. */
function usersOf(project: Project | undefined): DevUsers {
  const { users = {} } = project?.settings ?? {};
  return Object.keys(users).length > 0 ? users : developmentUsers({ kind: 'anyone' });
}

function issuerOf({ issuer, cert, key }: AsUpstreamOptions, { host, port }: { host: string; port: number }): string {
  if ((cert === undefined) !== (key === undefined)) {
    throw usage('--cert and --key come together', 'mcpgw idp --as-upstream --cert server.crt --key server.key');
  }
  if (issuer === undefined && port === 0) {
    throw usage('with port 0 nobody knows the issuer', 'mcpgw idp --as-upstream --listen 127.0.0.1:9090');
  }
  const isSecure = cert !== undefined;
  const own = `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (issuer === undefined) return own;
  const url = URL.parse(issuer);
  if (!url) throw usage(`--issuer: \`${issuer}\` is no URL`, `mcpgw idp --as-upstream --issuer ${own}`);
  if (isSecure && url.protocol !== 'https:') {
    throw usage('--cert makes it speak TLS, so the issuer has to be https', `mcpgw idp --as-upstream --issuer ${own}`);
  }
  return issuer;
}

/** The project around the folder, if there is one that can be read: its domain, users and authority are taken over. */
async function projectHere(ctx: Ctx): Promise<Project | undefined> {
  const folder = await findProject(ctx.cwd);
  if (folder === undefined) return undefined;
  return loadProject(folder, ctx.env).catch((error: unknown) => {
    ctx.note(`! the project here is not used: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
}

function assertUser(user: string | undefined, known: readonly string[]): void {
  if (user === undefined || known.includes(user)) return;
  throw usage(
    `--auto-approve: there is no user \`${user}\`; there are ${known.join(', ')}`,
    `mcpgw idp --as-upstream --auto-approve ${known[0]}`,
  );
}

/** Trusts the project's authority: the gateway's own metadata document lies behind it. */
async function fetchFor(project: Project | undefined): Promise<Fetch> {
  const authority = project ? await readFile(project.paths.authority, 'utf8').catch(() => '') : '';
  return createFetch({ ca: authority === '' ? [] : [authority] });
}
