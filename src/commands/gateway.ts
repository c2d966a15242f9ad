import { mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { startGateway } from '../gateway/index.ts';
import { lineLog, type LineLog } from '../net/log.ts';
import { firstOf, resolveFromMap, resolveLoopbackNames } from '../net/resolve.ts';
import { hotReload, optionsOrThrow, place } from '../stack/index.ts';
import { parseListenAddress } from '../stack/listen-address.ts';
import { systemError } from '../system-error.ts';
import { styleFor } from '../ui/colour.ts';
import { LogFormatter } from '../ui/screens/logs.ts';
import { untilAborted } from '../until-aborted.ts';
import { attemptOf, namedFileReader, readConfiguration, reloadFrom, unreadable } from './gateway-configuration.ts';
import { checkFaults } from './gateway-faults.ts';
import { checkRelease } from './gateway-release.ts';

export interface GatewayCommandOptions {
  config?: string;
  listen?: string;
  state?: string;
  /** `name:port=host:port`. */
  hostMap?: string[];
  ca?: string;
  /** The release to behave as. */
  pomerium?: string;
  /** Hold what Pomerium lets pass. */
  strict?: boolean;
  fault?: string[];
}

/** Milliseconds that calls in flight are given at the end. */
const GRACE_MS = 3_000;

/** Runs the development gateway for any Pomerium configuration until Ctrl+C. A changed file is reloaded, also on SIGHUP. */
export async function run(ctx: Ctx, options: GatewayCommandOptions): Promise<void> {
  const faults = checkFaults(options.fault ?? []);
  const release = checkRelease(options.pomerium);
  const name = options.config ?? 'pomerium-config.yaml';
  const file = resolvePath(ctx.cwd, name);
  const first = await readConfiguration(ctx, file, name);
  const wanted = optionsOrThrow(first.parsed, first.text, name);
  for (const problem of first.parsed.problems) ctx.note(`! ${place(problem, name)}`);
  const { log, flush } = createLog(ctx);
  const gateway = await startGateway({
    options: wanted,
    ...(options.listen === undefined ? {} : { listen: parseListenAddress(options.listen) }),
    ...(await stateFile(ctx, options)),
    resolve: firstOf(resolveFromMap(parseHostMap(options.hostMap ?? [])), resolveLoopbackNames),
    ca: await readAuthorities(ctx, options.ca),
    readFile: namedFileReader(ctx),
    log,
    allowPrivateMetadataHosts: false,
    release,
    strict: options.strict === true,
    faults: [...faults],
  });
  const { host, port } = gateway.address;
  ctx.note(`listening on ${host}:${port}; a changed ${name} is read again, Ctrl+C ends it`);
  const following = hotReload(log, attemptOf(first), () => reloadFrom(ctx, file, name, gateway));
  const onHangUp = (): void => void following.reload();
  process.on('SIGHUP', onHangUp);
  await untilAborted(ctx.signal);
  process.off('SIGHUP', onHangUp);
  following.close();
  await gateway.close(GRACE_MS);
  flush();
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
    throw systemError(error) ?? unreadable(file, error);
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
