import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ctx } from '../context.ts';
import { stateFolder } from '../context-node.ts';
import type { Patient, Running } from '../doctor/check.ts';
import type { Target } from '../doctor/patient.ts';
import { CliError, EXIT } from '../errors.ts';
import { createFetch, type Fetch } from '../net/fetch.ts';
import { firstOf, resolveLoopbackNames, type Resolve } from '../net/resolve.ts';
import type { Project } from '../project/index.ts';
import { openEngine } from '../stack/index.ts';
import { createSignIns } from './doctor-tokens.ts';

/** Milliseconds; a check has no longer. */
const TIMEOUT = 5_000;
/** Milliseconds until an engine that says nothing is given up; less than a check may take. */
const ENGINE_PATIENCE = 3_000;
/** Lines of the log that are looked through. */
const LOG_LINES = 5_000;

export interface Access {
  doors: Pick<Patient, 'fetch' | 'resolve' | 'token' | 'refresh' | 'running' | 'log'>;
  end: () => Promise<void>;
}

/** How doctor reaches a patient's engine and servers: the servers as any client does, yet with tokens of its own. */
export function doctorAccess(
  ctx: Ctx,
  { target, project }: { target: Target; project: () => Promise<Project> },
): Access {
  const resolve = once(async () => (target.kind === 'project' ? resolveFor(await project()) : resolveLoopbackNames));
  const fetch = once(async (): Promise<Fetch> => {
    const pem = target.kind === 'project' ? await authorityOf(await project()) : undefined;
    return createFetch({ resolve: await resolve(), timeout: TIMEOUT, ...(pem === undefined ? {} : { ca: [pem] }) });
  });
  const signIns = createSignIns({
    ctx,
    project,
    fetch,
    folder: join(stateFolder(ctx.env, process.platform), 'doctor'),
  });
  return {
    doors: {
      fetch,
      resolve,
      token: signIns.token,
      refresh: signIns.refresh,
      running: once(async () => withPatience(askEngine(ctx, await project()))),
      log: once(async () => withPatience(readLog(ctx, await project()))),
    },
    end: signIns.end,
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
    services,
  };
}

async function readLog(ctx: Ctx, project: Project): ReturnType<Patient['log']> {
  const engine = await openEngine(project.folder, project.settings, ctx);
  const reader = engine.logs().open([]);
  try {
    return await reader.recent({ tail: LOG_LINES });
  } finally {
    reader.close();
  }
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

/** Without it the certificate is not trusted, which a check tells. */
async function authorityOf({ paths }: Project): Promise<string | undefined> {
  return readFile(paths.authority, 'utf8').catch(() => undefined);
}

/** Every host of a local project is answered by one gateway on this machine. */
function resolveFor({ settings: { domain, address } }: Project): Resolve {
  return firstOf(resolveLoopbackNames, (name, port) =>
    address === 'local' && (name === domain || name.endsWith(`.${domain}`)) ? { host: '127.0.0.1', port } : undefined,
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
