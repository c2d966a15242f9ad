import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import { createFetch, type Fetch } from '../net/fetch.ts';
import type { Log } from '../net/log.ts';
import { findPortHolder } from '../net/ports.ts';
import {
  SERVER_NAMES,
  serverSettings,
  startServers,
  type RunningServer,
  type ServeFlags,
  type ServersOptions,
} from '../servers/index.ts';

/** Runs the reference servers in the foreground until the context's signal. */
export async function run(ctx: Ctx, options: ServeFlags): Promise<void> {
  const settings = serverSettings({
    flags: options,
    env: ctx.env,
    cwd: ctx.cwd,
    note: (line) => ctx.note(line),
    fetch: await fetchFor(ctx),
  });
  const running = await start({ ...settings, log: createLog(ctx) });
  announce(ctx, running, settings.servers);
  await untilAborted(ctx.signal);
  ctx.note('stopping: calls in flight may finish, for 10 s at most');
  await running.close();
}

async function start(options: ServersOptions): Promise<RunningServer> {
  try {
    return await startServers(options);
  } catch (error) {
    throw await explainListening(error, options.listen);
  }
}

function announce(ctx: Ctx, { address }: RunningServer, servers: ServersOptions['servers']): void {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  for (const name of SERVER_NAMES) {
    if (servers[name]) ctx.note(`${name.padEnd(8)}http://${host}:${address.port}/${name}`);
  }
}

/** Trusts the authorities of SSL_CERT_FILE beside the well-known ones: the variable that the public servers read. */
async function fetchFor(ctx: Ctx): Promise<Fetch> {
  const file = ctx.env['SSL_CERT_FILE'];
  if (!file) return systemFirst();
  try {
    return systemFirst([await readFile(resolve(ctx.cwd, file), 'utf8')]);
  } catch (cause) {
    throw new CliError({
      code: 'CA_UNREADABLE',
      message: `the authorities of SSL_CERT_FILE cannot be read: ${file}`,
      why: cause instanceof Error ? cause.message : undefined,
      fix: 'unset SSL_CERT_FILE, or point it at a PEM file',
      cause,
    });
  }
}

/** In a container `*.localhost` is the gateway's alias there, which only the system's resolver knows; elsewhere it often knows none. */
function systemFirst(ca: readonly string[] = []): Fetch {
  const bySystem = createFetch({ ca, resolve: () => undefined });
  const asLoopback = createFetch({ ca });
  return async (input, init) =>
    bySystem(input, init).catch(async (error: unknown) => {
      const cause = error instanceof Error ? error.cause : undefined;
      const isUnknown =
        cause instanceof Error && 'code' in cause && ['ENOTFOUND', 'EAI_AGAIN'].includes(String(cause.code));
      if (!isUnknown) throw error;
      return asLoopback(input, init);
    });
}

async function explainListening(error: unknown, { host, port }: { host: string; port: number }): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const holder = await findPortHolder(port);
    return new CliError({
      code: 'PORT_BUSY',
      message: `port ${port} is held by ${holder ? `pid ${holder.pid}: ${holder.command}` : 'another program'}`,
      fix: `stop it, or take another port: mcpgw serve --port ${port + 1}`,
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return usage(`\`${host}\` is no address of this machine`, 'mcpgw serve --host 127.0.0.1');
  }
  return error;
}

/** One JSON object a line, as the embedded engine's logs have it. */
function createLog(ctx: Ctx): Log {
  return (entry) => {
    if (entry.level === 'debug' && !ctx.verbose) return;
    ctx.stderr.write(`${JSON.stringify({ time: new Date(ctx.now()).toISOString(), ...entry })}\n`);
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: settle } = Promise.withResolvers<void>();
  if (signal.aborted) settle();
  signal.addEventListener('abort', () => settle(), { once: true });
  return promise;
}
