import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import { startGateway } from '../gateway/index.ts';
import { lineLog, type LineLog } from '../net/log.ts';
import { firstOf, resolveFromMap, resolveLoopbackNames } from '../net/resolve.ts';
import { parseConfig, type ParsedConfig } from '../pomerium/index.ts';
import { optionsOrThrow, place } from '../stack/index.ts';
import { parseListenAddress } from '../stack/listen-address.ts';
import { systemError } from '../system-error.ts';
import { styleFor } from '../ui/colour.ts';
import { LogFormatter } from '../ui/screens/logs.ts';
import { checkFaults } from './gateway-faults.ts';

export interface GatewayCommandOptions {
  config?: string;
  listen?: string;
  state?: string;
  /** `name:port=host:port`. */
  hostMap?: string[];
  ca?: string;
  fault?: string[];
}

/** Milliseconds between looks at the file, as Pomerium has it; a watcher alone misses editors that rename. */
const WATCH_MS = 200;

/** Milliseconds that calls in flight are given at the end. */
const GRACE_MS = 3_000;

/** Runs the development gateway for any Pomerium configuration until Ctrl+C. A changed file is reloaded, also on SIGHUP. */
export async function run(ctx: Ctx, options: GatewayCommandOptions): Promise<void> {
  const faults = checkFaults(options.fault ?? []);
  const name = options.config ?? 'pomerium-config.yaml';
  const file = resolvePath(ctx.cwd, name);
  const { text, parsed } = await read(ctx, file, name);
  const wanted = optionsOrThrow(parsed, text, name);
  for (const problem of parsed.problems) ctx.note(`! ${place(problem, name)}`);
  const { log, flush } = createLog(ctx);
  const gateway = await startGateway({
    options: wanted,
    ...(options.listen === undefined ? {} : { listen: parseListenAddress(options.listen) }),
    ...(await stateFile(ctx, options)),
    resolve: firstOf(resolveFromMap(parseHostMap(options.hostMap ?? [])), resolveLoopbackNames),
    ca: await readAuthorities(ctx, options.ca),
    log,
    allowPrivateMetadataHosts: false,
    faults: [...faults],
  });
  const { host, port } = gateway.address;
  ctx.note(`listening on ${host}:${port}; a changed ${name} is read again, Ctrl+C ends it`);
  const stopWatching = watchConfiguration(file, async () => {
    log({ level: 'info', message: 'config: file updated, reconfiguring...' });
    try {
      const next = await read(ctx, file, name);
      gateway.reload(optionsOrThrow(next.parsed, next.text, name));
    } catch (error) {
      // As with Pomerium, the configuration before it stays in force.
      log({
        level: 'error',
        message: 'config: error updating config',
        error: error instanceof Error ? error.message : String(error),
      });
    }
  });
  await aborted(ctx.signal);
  stopWatching();
  await gateway.close(GRACE_MS);
  flush();
}

async function read(ctx: Ctx, file: string, name: string): Promise<{ text: string; parsed: ParsedConfig }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw systemError(error) ?? missing(name, error);
  });
  // Files that a configuration names are relative to where Pomerium was started.
  const parsed = parseConfig(text, {
    file: name,
    env: ctx.env,
    readFile: (path) => readFileSync(resolvePath(ctx.cwd, path), 'utf8'),
  });
  return { text, parsed };
}

function missing(name: string, cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CliError({
    code: 'CONFIG_UNREADABLE',
    message: `${name} cannot be read`,
    why,
    fix: 'mcpgw gateway --config <file>',
    cause,
  });
}

/** Where sessions live, when it is not where the configuration says. */
async function stateFile(ctx: Ctx, { state }: GatewayCommandOptions): Promise<{ stateFile?: string }> {
  if (state === undefined) return {};
  const file = resolvePath(ctx.cwd, state);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return { stateFile: file };
}

function parseHostMap(entries: readonly string[]): Map<string, { host: string; port: number }> {
  return new Map(
    entries.map((entry) => {
      const [name = '', target = ''] = entry.split('=');
      const at = target.lastIndexOf(':');
      const port = Number(target.slice(at + 1));
      if (name === '' || at < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
        throw usage(
          `--host-map: \`${entry}\` is not name:port=host:port`,
          '--host-map mcp-servers:8080=127.0.0.1:8080',
        );
      }
      return [name, { host: target.slice(0, at).replace(/^\[|\]$/g, ''), port }];
    }),
  );
}

async function readAuthorities(ctx: Ctx, file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const text = await readFile(resolvePath(ctx.cwd, file), 'utf8').catch((error: unknown) => {
    throw systemError(error) ?? missing(file, error);
  });
  return [text];
}

/** JSON lines where a program reads them, text in a terminal. */
function createLog(ctx: Ctx): LineLog {
  if (ctx.stdout.isTTY !== true || ctx.json) return lineLog((text) => void ctx.stdout.write(text), ctx.now);
  const formatter = new LogFormatter(styleFor(ctx.stdout, ctx.env));
  return {
    log: (fields) => {
      const text = formatter.format({ time: new Date(ctx.now()).toISOString(), service: 'gateway', fields, raw: '' });
      if (text !== undefined) ctx.stdout.write(`${text}\n`);
    },
    flush: () => undefined,
  };
}

function watchConfiguration(file: string, reload: () => Promise<void>): () => void {
  const onChange = (): void => void reload();
  watchFile(file, { interval: WATCH_MS }, (now, before) => {
    // A file that is gone for a moment, or for good, leaves the old configuration in force.
    if (now.mtimeMs !== before.mtimeMs && now.nlink > 0) onChange();
  });
  process.on('SIGHUP', onChange);
  return () => {
    unwatchFile(file);
    process.off('SIGHUP', onChange);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
