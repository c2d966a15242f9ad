import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { cpuMs, residentKb, run, start, stop, type Started } from './processes.ts';
import { HOST, startGatewayProcess, type Bench, type Target } from './targets.ts';

export interface Result {
  /** Calls a second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Microseconds of processor time a call, of the proxy alone. */
  cpu: number;
  residentKb: number;
}

/** One round of calls. Throws when a call failed: a figure with failures in it is none. No call in all the time is a rate of 0. */
export async function measure(bench: Bench, target: Target, connections: number, seconds: number): Promise<Result> {
  const pid = target.started.child.pid ?? 0;
  const before = cpuMs(pid);
  const text = await run(process.execPath, [
    bench.programs.load,
    JSON.stringify({ ...clientOptions(bench, target), connections, seconds, initialize: target.initialize }),
  ]);
  const used = cpuMs(pid) - before;
  const line = JSON.parse(text) as {
    calls: number;
    all: number;
    seconds: number;
    p50: number;
    p99: number;
    failures: number;
  };
  if (line.failures > 0) throw new Error(`${target.name}: ${line.failures} of ${line.all} calls failed`);
  const { p50, p99 } = line;
  return { rate: line.calls / line.seconds, p50, p99, cpu: (used * 1_000) / line.all, residentKb: residentKb(pid) };
}

export interface StreamResult {
  beforeKb: number;
  withKb: number;
  /** Kilobytes in use without garbage: before, with and after the streams. Of the gateway only. */
  liveKb?: [number, number, number];
}

/** The memory of a proxy without and with idle event streams through it, and after they have closed. */
export async function measureStreams(bench: Bench, target: Target, count: number): Promise<StreamResult> {
  const pid = target.started.child.pid ?? 0;
  const isGateway = target.name.startsWith('gateway');
  const live = async (): Promise<number> => (isGateway ? liveKb(target.started) : Number.NaN);
  const liveBefore = await live();
  const beforeKb = residentKb(pid);
  const { child, output } = start(process.execPath, [
    bench.programs.streams,
    JSON.stringify({ ...clientOptions(bench, target), count }),
  ]);
  while (!output().includes('open')) {
    if (child.exitCode !== null) throw new Error(`${target.name}: ${output()}`);
    await sleep(100);
  }
  await sleep(1_000);
  const withKb = residentKb(pid);
  const liveWith = await live();
  await stop(child);
  await sleep(1_000);
  return { beforeKb, withKb, ...(isGateway ? { liveKb: [liveBefore, liveWith, await live()] } : {}) };
}

/** What the gateway holds, in kilobytes, after a collection of garbage. */
async function liveKb({ child, output }: Started): Promise<number> {
  const told = (): string[] => [...output().matchAll(/live bytes (\d+)\n/g)].map(([, bytes = '']) => bytes);
  const before = told().length;
  child.kill('SIGUSR2');
  while (told().length === before) await sleep(20);
  return Number(told().at(-1)) / 1_024;
}

export function clientOptions(bench: Bench, { port, tls, path, headers }: Target) {
  return { port, path, headers, host: HOST, ...(tls ? { ca: bench.caFile } : {}) };
}

/** Milliseconds from the start of the gateway's process to the challenge of its MCP route. */
export async function measureStart(bench: Bench): Promise<number> {
  const begun = performance.now();
  const target = await startGatewayProcess(bench);
  const answer = await answersChallenge(target, bench);
  const took = performance.now() - begun;
  await stop(target.started.child);
  if (!answer.startsWith('HTTP/1.1 401')) throw new Error(`no challenge: ${answer}`);
  return took;
}

/** Asks without a token until something answers; its status line. */
export async function answersChallenge(target: Target, bench: Bench): Promise<string> {
  const pem = readFileSync(bench.caFile);
  for (let attempt = 0; attempt < 3_000; attempt++) {
    const answer = await ask(target, pem);
    if (answer !== '') return answer;
    if (target.started.child.exitCode !== null) throw new Error(`${target.name} ended: ${target.started.output()}`);
    await sleep(5);
  }
  throw new Error(`${target.name} does not answer: ${target.started.output()}`);
}

function ask({ port, tls, path }: Target, ca: Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const where = { host: '127.0.0.1', port };
  const send = (): void => {
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\nAccept: application/json\r\nContent-Length: 2\r\n\r\n{}`);
  };
  const socket: Socket = tls
    ? connectTls({ ...where, ca, servername: 'whoami.localhost', ALPNProtocols: ['http/1.1'] }, send)
    : connectTcp(where, send);
  socket.on('data', (chunk: Buffer) => {
    resolve(chunk.toString('latin1').split('\r\n')[0] ?? '');
    socket.destroy();
  });
  socket.on('error', () => resolve('')).on('close', () => resolve(''));
  return promise;
}
