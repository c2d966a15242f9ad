import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ctx } from '../context.ts';
import { stateFolder } from '../context-node.ts';
import type { Patient, Running } from '../doctor/check.ts';
import type { Server } from '../doctor/servers.ts';
import { CliError, EXIT } from '../errors.ts';
import { createFetch, type Fetch } from '../net/fetch.ts';
import { firstOf, resolveLoopbackNames } from '../net/resolve.ts';
import { createTokenStore, obtainToken } from '../oauth/index.ts';
import type { Project } from '../project/index.ts';
import { openEngine } from '../stack/index.ts';

/** Milliseconds; a check has no longer. */
const TIMEOUT = 5_000;
/** Milliseconds until an engine that says nothing is given up; less than a check may take. */
const ENGINE_PATIENCE = 3_000;

/** How doctor reaches a project's engine and servers: the servers as any client does, yet with tokens of its own. */
export function doctorAccess(ctx: Ctx): Pick<Patient, 'fetch' | 'token' | 'running'> {
  let made: Promise<Fetch> | undefined;
  let state: Promise<Running | undefined> | undefined;
  const fetch = async (project: Project): Promise<Fetch> => (made ??= fetchFor(project));
  const tokens = new Map<string, Promise<string>>();
  return {
    fetch,
    token: async (project, server, user, signal) => {
      const key = `${user} ${server.url.href}`;
      // One sign-in a run: each leaves a session behind at the gateway.
      const token = tokens.get(key) ?? signIn(ctx, fetch(project), { project, server, user, signal });
      tokens.set(key, token);
      return token;
    },
    running: async (project) => (state ??= withPatience(askEngine(ctx, project))),
  };
}

async function askEngine(ctx: Ctx, project: Project): Promise<Running | undefined> {
  const engine = await openEngine(project.folder, project.settings, ctx);
  const { state, pid, services, pending } = await engine.status();
  if (state === 'stopped') return undefined;
  const ill = services.filter((service) => service.health === 'unhealthy' && service.state !== 'starting');
  return {
    ...(pid === undefined ? {} : { pid }),
    ill: ill.map((service) => ({ name: service.name, detail: service.detail ?? service.state })),
    pending,
  };
}

/** The engine itself is waited for longer than a check may take. */
async function withPatience<T>(answer: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const silent = new CliError({
    code: 'ENGINE_SILENT',
    message: 'the engine runs but does not answer',
    fix: 'mcpgw restart',
    exit: EXIT.unhealthy,
  });
  const timer = setTimeout(() => reject(silent), ENGINE_PATIENCE);
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

/** Every host of the project is answered by one gateway, whose certificate comes from one authority. */
async function fetchFor({ paths, settings }: Project): Promise<Fetch> {
  // Without it the certificate is not trusted, which a check tells.
  const pem = await readFile(paths.authority, 'utf8').catch(() => undefined);
  const { domain, address } = settings;
  const resolve = firstOf(resolveLoopbackNames, (name, port) =>
    address === 'local' && (name === domain || name.endsWith(`.${domain}`)) ? { host: '127.0.0.1', port } : undefined,
  );
  return createFetch({ resolve, timeout: TIMEOUT, ...(pem === undefined ? {} : { ca: [pem] }) });
}

async function signIn(
  ctx: Ctx,
  fetch: Promise<Fetch>,
  { project, server, user, signal }: { project: Project; server: Server; user: string; signal: AbortSignal },
): Promise<string> {
  const { domain, idp } = project.settings;
  const provider = project.parsed.options?.idp_provider_url ?? `http://idp.${domain}:${idp?.port}`;
  // The registration is kept from run to run, so that doctor does not leave a client behind each time. Grants are dropped.
  const store = createTokenStore({ folder: join(stateFolder(ctx.env, process.platform), 'doctor'), note: ctx.note });
  const drop = async (): Promise<void> => {
    for (const grant of await store.grants(server.url.href, user)) await store.drop(grant);
  };
  await drop();
  const token = await obtainToken({
    server: server.url,
    as: { user, identityProvider: new URL(provider) },
    browser: false,
    interactive: false,
    unattended: true,
    fetch: await fetch,
    openUrl: async () => false,
    prompt: ctx.prompt,
    store,
    now: ctx.now,
    signal,
    note: () => undefined,
    command: `mcpgw token ${server.name} --as ${user}`,
  });
  await drop();
  return token.accessToken;
}
