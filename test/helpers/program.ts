import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export const ROOT = resolve(import.meta.dirname, '../..');
export const PROGRAM = join(ROOT, 'bin/mcpgw.js');

export interface Ran {
  /** Exit code; -1 when a signal ended the program. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  env?: Record<string, string | undefined>;
  stdin?: string;
  /** Milliseconds; then the program is killed and the call fails. */
  timeout?: number;
}

/** Runs a program to its end; never rejects because of its exit code. */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Ran>();
  const child = spawn(file, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'pipe' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const ran = (code: number): Ran => ({
    code,
    stdout: Buffer.concat(out).toString('utf8'),
    stderr: Buffer.concat(err).toString('utf8'),
  });
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    reject(new Error(`${file} ${args.join(' ')} did not end in time\n${JSON.stringify(ran(-1), null, 2)}`));
  }, options.timeout ?? 60_000);
  child.once('error', reject);
  child.once('close', (code) => {
    clearTimeout(timer);
    settle(ran(code ?? -1));
  });
  return promise;
}

/** The built program in a user's place: own state folder, no terminal, no colour. */
export function mcpgw(args: readonly string[], options: RunOptions): Promise<Ran> {
  return runProgram(process.execPath, [PROGRAM, ...args], {
    ...options,
    env: {
      MCPGW_STATE_DIR: join(options.cwd, '../state'),
      // A machine with Docker would choose it; tests of that engine say so by flag.
      MCPGW_ENGINE: 'embedded',
      MCPGW_NO_UPDATE_NOTIFIER: '1',
      NO_COLOR: '1',
      ...options.env,
    },
  });
}

/** A temporary folder that goes away with the test. */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `mcpgw-${name}-`));
  onTestFinished(async () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Ports of loopback that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const { promise, resolve: listening } = Promise.withResolvers<void>();
      const server = createServer().listen(0, '127.0.0.1', listening);
      await promise;
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => new Promise((done) => server.close(done))));
  return ports;
}
