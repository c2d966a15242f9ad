import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Fetch } from '../net/fetch.ts';
import { systemFirst } from '../net/system-first.ts';
import { untilAborted } from '../until-aborted.ts';
import {
  SERVER_NAMES,
  serverSettings,
  startServers,
  type RunningServer,
  type ServeFlags,
  type ServersOptions,
} from '../servers/index.ts';
import { jsonLog, startListening } from './foreground.ts';

/** Runs the reference servers in the foreground until the context's signal. */
export async function run(ctx: Ctx, options: ServeFlags): Promise<void> {
  const settings = serverSettings({
    flags: options,
    env: ctx.env,
    cwd: ctx.cwd,
    note: (line) => ctx.note(line),
    fetch: await fetchFor(ctx),
  });
  const parts: ServersOptions = { ...settings, log: jsonLog(ctx) };
  const running = await startListening('mcpgw serve', parts.listen, async () => startServers(parts));
  announce(ctx, running, settings.servers);
  await untilAborted(ctx.signal);
  ctx.note('stopping: calls in flight may finish, for 10 s at most');
  await running.close();
}

function announce(ctx: Ctx, { address }: RunningServer, servers: ServersOptions['servers']): void {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const names = SERVER_NAMES.filter((name) => servers[name]);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  for (const name of names) ctx.note(`${name.padEnd(width)}http://${host}:${address.port}/${name}`);
}

/** Trusts the authorities of SSL_CERT_FILE beside the well-known ones: the variable that the public servers read. */
async function fetchFor(ctx: Ctx): Promise<Fetch> {
  const file = ctx.env['SSL_CERT_FILE'];
  if (!file) return systemFirst();
  try {
    return systemFirst({ ca: [await readFile(resolve(ctx.cwd, file), 'utf8')] });
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
