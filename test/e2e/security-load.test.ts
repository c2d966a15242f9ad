import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange, type WireTarget } from '../unit/gateway/support/wire.ts';
import type { Orders, Report } from '../unit/security/support/crowd.ts';
import type { Footprint } from '../unit/security/support/load-gateway.ts';

const MEGABYTE = 1_048_576;
const CALL =
  'GET / HTTP/1.1\r\nHost: mcp.localhost:8443\r\nAccept: text/event-stream\r\nAuthorization: Bearer alice\r\n';
const HALF_OPEN = Math.min(10_000, filesAtMost() - 1_000);

const upstream = createServer((request, response) => {
  if (request.url === '/quick') response.end('ok');
  else openStream(response);
});
const streams = new Set<ServerResponse>();

function openStream(response: ServerResponse): void {
  streams.add(response);
  response.on('close', () => streams.delete(response));
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n');
}

/** A program of ours with which the test talks. */
class Child {
  readonly process: ChildProcess;

  constructor(file: string, args: readonly string[] = []) {
    const program = fileURLToPath(new URL(`../unit/security/support/${file}`, import.meta.url));
    this.process = fork(program, args, { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** The next message; rejects when the program ends before. */
  next<T>(): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const program = this.process;
    const onExit = (): void => reject(new Error('the program has ended'));
    program.once('exit', onExit);
    program.once('message', (message) => {
      program.off('exit', onExit);
      resolve(message as T);
    });
    return promise;
  }

  ask<T>(message: Orders | string): Promise<T> {
    const answer = this.next<T>();
    this.process.send(message);
    return answer;
  }

  end(): void {
    this.process.kill('SIGKILL');
  }
}

let gateway: Child;
let secure: WireTarget;
let plain: number;
let before: Footprint;

beforeAll(async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.listen(0, '127.0.0.1', resolve);
  await promise;
  gateway = new Child('load-gateway.ts', [String((upstream.address() as AddressInfo).port)]);
  const started = await gateway.next<{ secure: number; plain: number; ca: string }>();
  secure = { port: started.secure, ca: started.ca, servername: 'mcp.localhost' };
  plain = started.plain;
  // What is loaded and compiled at the first use is no leak.
  await withCrowd({ port: plain, count: 300, bytes: `${CALL}\r\n` }, async () => undefined);
  await withCrowd({ port: secure.port, count: 300, bytes: '' }, async () => expectsService());
  before = await settled((now) => now.streams === 0);
});

afterAll(() => {
  gateway.end();
  upstream.close();
  upstream.closeAllConnections();
});

describe('many clients at once', () => {
  test('TR-5 three thousand event streams: each gets its first event, and nothing is left of them', async () => {
    const orders = { port: plain, count: 3_000, bytes: `${CALL}\r\n` };
    await withCrowd(orders, async (report) => {
      expect(report).toMatchObject({ open: 3_000, answered: 3_000, failed: 0 });
      const during = await gateway.ask<Footprint>('footprint');
      expect(during.streams).toBe(3_000);
      expect(streams.size).toBe(3_000);
      // Two sockets and what stands between them.
      expect((during.heap + during.external - before.heap - before.external) / 3_000).toBeLessThan(64 * 1_024);
    });
    await backToStart();
    expect(streams.size).toBe(0);
  });

  test(`TR-8 ${HALF_OPEN} connections that say nothing, and 1,000 whose requests never end: others are served, and each is ended`, async () => {
    const silent = { port: secure.port, count: HALF_OPEN, bytes: '' };
    const slow = {
      port: plain,
      count: 1_000,
      bytes: 'GET / HTTP/1.1\r\nHost: mcp.localhost:8443\r\nX: ',
      dribble: 500,
    };
    await withCrowd(silent, async (report, quiet) => {
      expect(report).toMatchObject({ failed: 0 });
      await withCrowd(slow, async (_, dribbling) => {
        await expectsService();
        const during = await gateway.ask<Footprint>('footprint');
        expect(during.rss - before.rss).toBeLessThan(600 * MEGABYTE);
        for (const one of [quiet, dribbling]) await endedByTheGateway(one);
      });
    });
    await backToStart();
  });

  test('TR-8 the gateway ends at once, though clients are in the middle of everything', async () => {
    const orders = { port: secure.port, count: 500, bytes: '' };
    await withCrowd(orders, async () => {
      await withCrowd({ port: plain, count: 200, bytes: `${CALL}\r\n` }, async () => {
        // Half of what a client may take for its part of the handshake.
        const { took } = await gateway.ask<{ took: number }>('close');
        expect(took).toBeLessThan(5_000);
      });
    });
  });
});

async function withCrowd(orders: Orders, work: (report: Report, crowd: Child) => Promise<void>): Promise<void> {
  const crowd = new Child('crowd.ts');
  try {
    await crowd.next();
    await work(await crowd.ask<Report>(orders), crowd);
  } finally {
    crowd.end();
  }
}

/** A request in the middle of all that is answered. */
async function expectsService(): Promise<void> {
  const head = CALL.replace('GET /', 'GET /quick');
  expect((await exchange(secure, `${head}Connection: close\r\n\r\n`)).status).toBe(200);
}

async function endedByTheGateway(crowd: Child): Promise<void> {
  for (;;) {
    const { open } = await crowd.ask<Report>('report');
    if (open === 0) return;
    await sleep(250);
  }
}

/** Memory and handles are what they were. */
async function backToStart(): Promise<void> {
  const now = await settled(({ sockets, streams: open }) => open === 0 && sockets <= before.sockets + 20);
  expect(now.heap + now.external - before.heap - before.external).toBeLessThan(16 * MEGABYTE);
  expect(now.timers).toBeLessThanOrEqual(before.timers + 5);
}

/** The first footprint that fits; what is closed takes a moment to be gone. */
async function settled(fits: (now: Footprint) => boolean): Promise<Footprint> {
  for (;;) {
    const now = await gateway.ask<Footprint>('footprint');
    if (fits(now)) return now;
    await sleep(200);
  }
}

/** How many files a process may have open here. */
function filesAtMost(): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : 1_000_000;
}
