import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFetch, type Fetch } from '../../src/net/fetch.ts';
import { ensureAuthority, ensureServerCertificate } from '../../src/tls/index.ts';
import { freePorts } from '../helpers/program.ts';

/** Why there is no Pebble here, for tests to skip by; undefined when there is one. */
export const NO_PEBBLE = ['pebble', 'pebble-challtestsrv'].every(isThere)
  ? undefined
  : 'no Pebble (Debian: apt-get install pebble)';

export interface Pebble {
  directory: string;
  /** Trusts Pebble's own certificate, and nothing beside the well-known roots. */
  fetch: Fetch;
  /** PEM. */
  ca: string;
  /** Of Pebble's own server, for somebody who stands in front of it. */
  certificate: { cert: string; key: string };
  /** Where Pebble connects to validate. */
  ports: { 'http-01': number; 'tls-alpn-01': number };
  /** `address:port` of its DNS. */
  dns: string;
  /** Tells the DNS what to answer: `add-a`, `set-default-ipv4` and so on of challtestsrv. */
  teach(path: string, body: Record<string, unknown>): Promise<void>;
  /** What Pebble has logged so far. */
  log(): string;
  stop: () => Promise<void>;
}

export interface PebbleOptions {
  /** Another DNS than challtestsrv, `address:port`. */
  dns?: string;
  /** Of a hundred good nonces, those that are refused. */
  nonceReject?: number;
  /** MAC keys, base64url, by key id; with them nobody without one gets an account. */
  externalAccounts?: Readonly<Record<string, string>>;
  /** Seconds that Pebble waits before it validates. */
  delay?: number;
}

/** A real ACME server on loopback with a DNS of its own. It issues from an authority that it forgets. */
export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw-pebble-'));
  const [acme = 0, http = 0, tls = 0, dnsPort = 0, management = 0, own = 0] = await freePorts(6);
  const authority = await ensureAuthority(join(folder, 'authority'), { domain: 'localhost', now: Date.now() });
  const { certFile, keyFile, certPem, keyPem } = await ensureServerCertificate({
    authority,
    dir: folder,
    names: [],
    now: Date.now(),
  });
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${acme}`,
      managementListenAddress: `127.0.0.1:${own}`,
      certificate: certFile,
      privateKey: keyFile,
      httpPort: http,
      tlsPort: tls,
      externalAccountBindingRequired: options.externalAccounts !== undefined,
      externalAccountMACKeys: options.externalAccounts ?? {},
    },
  };
  const file = join(folder, 'pebble.json');
  await writeFile(file, JSON.stringify(config));
  const dns = options.dns ?? `127.0.0.1:${dnsPort}`;
  const mock = { http01: '', https01: '', tlsalpn01: '', defaultIPv6: '', defaultIPv4: '127.0.0.1' };
  const places = { dns01: `127.0.0.1:${dnsPort}`, management: `127.0.0.1:${management}` };
  const names = start(
    'pebble-challtestsrv',
    Object.entries({ ...mock, ...places }).flatMap(([flag, value]) => [`-${flag}`, value]),
  );
  const server = start('pebble', ['-config', file, '-dnsserver', dns], {
    ...(options.delay === undefined ? { PEBBLE_VA_NOSLEEP: '1' } : { PEBBLE_VA_SLEEPTIME: String(options.delay) }),
    PEBBLE_WFE_NONCEREJECT: String(options.nonceReject ?? 5),
  });
  const fetch = createFetch({ ca: [authority.certPem], timeout: 10_000 });
  const directory = `https://localhost:${acme}/dir`;
  await answers(async () => fetch(directory), server);
  await answers(async () => fetch(`http://127.0.0.1:${management}/`), names);
  return {
    directory,
    fetch,
    ca: authority.certPem,
    certificate: { cert: certPem, key: keyPem },
    ports: { 'http-01': http, 'tls-alpn-01': tls },
    dns,
    teach: async (path, body) => {
      const url = `http://127.0.0.1:${management}/${path}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`challtestsrv answered ${response.status} to ${path}`);
    },
    log: () => server.output(),
    stop: async () => {
      await Promise.all([server.stop(), names.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Daemon {
  child: ChildProcess;
  output: () => string;
  stop: () => Promise<void>;
}

function start(command: string, args: readonly string[], env: Record<string, string> = {}): Daemon {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.once('close', () => resolve());
  return {
    child,
    output: () => text,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function answers(ask: () => Promise<Response>, { child, output }: Daemon): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`it ended:\n${output()}`);
    const response = await ask().catch(() => undefined);
    await response?.body?.cancel();
    if (response) return;
    await sleep(100);
  }
  throw new Error(`no answer within 10 s:\n${output()}`);
}

function isThere(command: string): boolean {
  return spawnSync(command, ['-h']).error === undefined;
}
