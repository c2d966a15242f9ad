import { readFileSync, watchFile } from 'node:fs';
import { startGateway, type RunningGateway } from '../../../../src/gateway/index.ts';
import type { LogEntry } from '../../../../src/net/log.ts';
import { parseConfig } from '../../../../src/pomerium/index.ts';
import type { Options } from '../../../../src/pomerium/model.ts';
import { startProbes } from './health.ts';

/** Milliseconds between looks at the mounted file. */
const WATCH_MS = 200;

/** Serves the configuration until TERM or INT, and takes over a changed file as Pomerium does: JSON lines on stdout, nothing else. */
export async function serve(file: string): Promise<void> {
  let gateway: RunningGateway;
  const options = orExit(() => load(file));
  try {
    gateway = await startGateway({
      options: everywhere(options),
      // Docker's DNS knows the aliases, *.localhost among them.
      resolve: () => undefined,
      ca:
        options.certificate_authority_file === undefined
          ? []
          : [readFileSync(options.certificate_authority_file, 'utf8')],
      log,
      allowPrivateMetadataHosts: false,
    });
  } catch (error) {
    fail(error);
  }
  const probes = startProbes(options.health_check_addr, () => ({
    'envoy.server': undefined,
    'storage.backend': gateway.stats().storeFailure,
  }));
  const reload = (): void => {
    log({ level: 'info', message: 'config: file updated, reconfiguring...' });
    try {
      gateway.reload(everywhere(load(file)));
    } catch (error) {
      log({ level: 'error', message: 'config: error updating config', error: textOf(error) });
    }
  };
  watchFile(file, { interval: WATCH_MS }, (now, before) => {
    if (now.mtimeMs !== before.mtimeMs && now.nlink > 0) reload();
  });
  const end = (): void => {
    probes.close();
    void gateway.close().then(() => {
      log({ level: 'info', message: 'cmd/pomerium: exiting' });
      process.exit(0);
    });
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function load(file: string): Options {
  const parsed = parseConfig(readFileSync(file, 'utf8'), {
    file,
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  const [problem] = parsed.problems.filter(({ severity }) => severity === 'error');
  if (!parsed.options) throw new Error(problem?.pomerium ?? problem?.message ?? `${file} is no configuration`);
  return parsed.options;
}

function everywhere(options: Options): Options {
  const redirect = options.http_redirect_addr;
  return {
    ...options,
    address: openAddress(options.address),
    ...(redirect === undefined ? {} : { http_redirect_addr: openAddress(redirect) }),
  };
}

/** A listen address without a host is every address in a container. */
function openAddress(address: string): string {
  return address.startsWith(':') ? `0.0.0.0${address}` : address;
}

function orExit<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): never {
  log({ level: 'error', message: 'cmd/pomerium: fatal', error: textOf(error) });
  process.exit(1);
}

function log(entry: LogEntry): void {
  process.stdout.write(`${JSON.stringify({ ...entry, time: new Date().toISOString() })}\n`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
