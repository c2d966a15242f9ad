import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as doctor from '../../../src/commands/doctor.ts';
import type { CheckReport } from '../../../src/doctor/check.ts';
import { CHECKS } from '../../../src/doctor/checks/index.ts';
import { runChecks } from '../../../src/doctor/run-checks.ts';
import { testContext } from '../../helpers/context.ts';
import { temporaryFolder } from '../../helpers/program.ts';
import { createPlace, findingOf, patientAt } from './world.ts';

const isRoot = process.getuid?.() === 0;

/** A server that says what it likes on every connection. */
async function raw(act: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => act(socket));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

async function visit(url: string): Promise<CheckReport[]> {
  const cwd = await temporaryFolder('survive');
  const context = testContext({ cwd, env: { MCPGW_STATE_DIR: join(cwd, 'state') } });
  const { checks } = await doctor.run(context, { url, acme: false });
  expect(checks.length).toBe(CHECKS.length);
  return checks;
}

const never = async (): Promise<never> => new Promise(() => undefined);

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

describe('doctor survives', () => {
  test('a server that takes the connection and never answers', async () => {
    const checks = await visit(await raw(() => undefined));
    expect(findingOf(checks, 'GTW-01')).toMatchObject({ kind: 'failure' });
  });

  test('10 MB of headers', async () => {
    const url = await raw((socket) => {
      socket.write(HEAD);
      const line = `x-padding: ${'a'.repeat(8_000)}\r\n`;
      const write = (left: number): void => {
        if (left > 0 && !socket.destroyed) socket.write(line, () => write(left - 1));
      };
      write(1_300);
    });
    expect(findingOf(await visit(url), 'GTW-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/overflow/i) as unknown,
    });
  });

  test('binary rubbish for JSON, without end', async () => {
    const rubbish = Buffer.alloc(65_536, 0x1b);
    const url = await raw((socket) => {
      socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
      const write = (): void => {
        if (!socket.destroyed)
          socket.write(Buffer.concat([Buffer.from('10000\r\n'), rubbish, Buffer.from('\r\n')]), () =>
            setTimeout(write, 20),
          );
      };
      write();
    });
    const checks = await visit(url);
    // The terminal must not obey what a server says.
    expect(JSON.stringify(checks)).not.toContain('\\u001b');
  });

  test('a server that hangs up at once', async () => {
    const checks = await visit(await raw((socket) => socket.destroy()));
    expect(findingOf(checks, 'GTW-01')).toMatchObject({ kind: 'failure' });
  });

  test('a name that does not exist', async () => {
    const cwd = await temporaryFolder('nxdomain');
    const context = testContext({ cwd, env: { MCPGW_STATE_DIR: join(cwd, 'state') } });
    const url = 'https://no-such-host.invalid/mcp';
    const { checks } = await doctor.run(context, { url, only: ['GTW-01', 'CRT-03'] });
    expect(findingOf(checks, 'GTW-01')).toMatchObject({ kind: 'failure' });
  });

  test('DNS that hangs: each check ends by its limit', async () => {
    const place = await createPlace('hang');
    const patient = patientAt(place.folder, { fetch: never, resolve: never, running: async () => undefined });
    const chosen = CHECKS.filter(({ area }) => ['gateway', 'metadata', 'certificate'].includes(area));
    const reports = await runChecks(chosen, patient, { signal: new AbortController().signal, limit: 100 });
    expect(reports.map(({ finding }) => finding.kind)).toContain('failure');
    expect(reports).toHaveLength(chosen.length);
  });

  test('a configuration of 5 MB', async () => {
    const place = await createPlace('large');
    const route =
      '  - from: https://a.localhost\n    to: http://b:1\n    policy: [{allow: {or: [{authenticated_user: true}]}}]\n';
    const text = `routes:\n${route.repeat(48_000)}`;
    expect(text.length).toBeGreaterThan(5_000_000);
    await writeFile(join(place.folder, 'pomerium-config.yaml'), text);
    const { checks } = await doctor.run(place.context(), { acme: false });
    expect(findingOf(checks, 'FIL-03')).toMatchObject({ kind: 'failure' });
  });

  test('files that may not be read', async ({ skip }) => {
    skip(isRoot, 'the superuser may read everything');
    const place = await createPlace('locked');
    await chmod(join(place.folder, 'pomerium-config.yaml'), 0);
    const { checks } = await doctor.run(place.context(), { acme: false });
    expect(findingOf(checks, 'FIL-02')).toMatchObject({ kind: 'failure' });
  });

  test('a compose file that is no YAML, and one of another tool', async () => {
    const place = await createPlace('foreign');
    await writeFile(join(place.folder, 'docker-compose.yaml'), 'services: [\n');
    expect((await doctor.run(place.context(), { acme: false })).summary.failed).toBeGreaterThan(0);
    await writeFile(join(place.folder, 'docker-compose.yaml'), 'services: {}\n');
    expect((await doctor.run(place.context(), { acme: false })).summary.failed).toBeGreaterThan(0);
  });
});
