import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { run } from '../../src/commands/gateway.ts';
import { createFetch } from '../../src/net/fetch.ts';
import { testContext, type TestContext } from '../helpers/context.ts';
import { temporaryFolder } from '../helpers/program.ts';
import { issueTestCertificate } from '../unit/gateway/support/certificate.ts';

const SECRET = Buffer.alloc(32, 7).toString('base64');
const HEAD = `address: 127.0.0.1:0
shared_secret: ${SECRET}
cookie_secret: ${SECRET}
authenticate_service_url: https://authenticate.localhost
idp_provider: oidc
idp_provider_url: http://127.0.0.1:9
idp_client_id: id
idp_client_secret: secret
`;
const PLAIN = `${HEAD}insecure_server: true\n`;
const answers = (text: string): string =>
  `routes:\n  - from: https://one.localhost\n    response: {status: 200, body: ${text}}\n    allow_public_unauthenticated_access: true\n`;

interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

interface Scene {
  folder: string;
  port: number;
  write: (name: string, text: string) => Promise<void>;
  body: () => Promise<string>;
  lines: (message?: string) => LogLine[];
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function start(
  files: Record<string, string>,
  options: { hostMap?: string[]; prepare?: (folder: string) => Promise<void> } = {},
): Promise<Scene> {
  const folder = await temporaryFolder('gateway-reload');
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  await options.prepare?.(folder);
  const abort = new AbortController();
  const ctx: TestContext = testContext({ cwd: folder, signal: abort.signal });
  const running = run(ctx, { config: 'gw.yaml', ...(options.hostMap ? { hostMap: options.hostMap } : {}) });
  ends.push(async () => {
    abort.abort();
    await running;
    await rm(folder, { recursive: true, force: true });
  });
  await Promise.race([running, expect.poll(() => ctx.err()).toContain('listening on')]);
  const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(ctx.err())?.[1]);
  const fetch = createFetch({});
  return {
    folder,
    port,
    write,
    body: async () => {
      const asked = fetch(`http://127.0.0.1:${port}/`, {
        headers: { host: 'one.localhost', accept: 'application/json' },
      });
      return asked.then(async (response) => (await response.text()).slice(0, 40));
    },
    lines: (message) =>
      ctx
        .out()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LogLine)
        .filter((line) => message === undefined || line.message === message),
  };
}

describe('a changed configuration', () => {
  test('is in force soon, with the lines of Pomerium, and once for several saves', async () => {
    const scene = await start({ 'gw.yaml': PLAIN + answers('first') });
    expect(await scene.body()).toBe('first');
    for (let i = 0; i < 8; i++) {
      await scene.write('gw.yaml', PLAIN + answers(`save-${i}`));
      await sleep(15);
    }
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('save-7');
    await sleep(500);
    expect(scene.lines('config: file updated, reconfiguring...')).toHaveLength(1);
    expect(scene.lines('config: loaded configuration')).toHaveLength(1);
    expect(scene.lines('config: error updating config')).toHaveLength(0);
  });

  test.each([
    ['a YAML fault', `${PLAIN}${answers('x')}  - {`, 'failed to read config: While parsing config: yaml:'],
    [
      'a route with `mcp: {}`',
      PLAIN + answers('x') + '    mcp: {}\n',
      'validation error config: failed to parse policy: config: mcp must have either server or client set',
    ],
    ['a key that nobody knows', `${PLAIN}no_such: 1\n${answers('x')}`, 'unknown key `no_such`'],
    ['an empty file', '', 'open gw.yaml: no such file or directory|is empty'],
  ])('%s leaves the old one in force and says why', async (_, text, reason) => {
    const scene = await start({ 'gw.yaml': PLAIN + answers('good') });
    await scene.write('gw.yaml', text);
    const failures = (): LogLine[] => scene.lines('config: error updating config');
    await expect.poll(failures, { timeout: 5_000 }).toHaveLength(1);
    const escaped = reason.includes('|') ? reason : reason.replace(/[{}`:]/g, '\\$&');
    expect(failures()[0]).toMatchObject({ level: 'error', error: expect.stringMatching(escaped) as string });
    expect(await scene.body()).toBe('good');
    await scene.write('gw.yaml', PLAIN + answers('mended'));
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('mended');
  });

  test('a removed file leaves the old one in force; its return is taken over', async () => {
    const scene = await start({ 'gw.yaml': PLAIN + answers('good') });
    await rename(join(scene.folder, 'gw.yaml'), join(scene.folder, 'away.yaml'));
    await expect
      .poll(() => scene.lines('config: error updating config'), { timeout: 5_000 })
      .toEqual([
        expect.objectContaining({
          error:
            'config: options from config file "gw.yaml": failed to read config: open gw.yaml: no such file or directory',
        }),
      ]);
    expect(await scene.body()).toBe('good');
    await scene.write('gw.yaml', PLAIN + answers('back'));
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('back');
  });

  test('a switched symbolic link is a change', async () => {
    const scene = await start(
      {},
      {
        prepare: async (folder) => {
          for (const name of ['a', 'b']) {
            await mkdir(join(folder, name));
            await writeFile(join(folder, name, 'gw.yaml'), PLAIN + answers(`in-${name}`));
          }
          await symlink('a', join(folder, '..data'));
          await symlink('..data/gw.yaml', join(folder, 'gw.yaml'));
        },
      },
    );
    expect(await scene.body()).toBe('in-a');
    await symlink('b', join(scene.folder, '..new'));
    await rename(join(scene.folder, '..new'), join(scene.folder, '..data'));
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('in-b');
  });

  test('config_hot_reload: false is obeyed until SIGHUP, and from then on as the new file says', async () => {
    const off = 'runtime_flags: {config_hot_reload: false}\n';
    const scene = await start({ 'gw.yaml': PLAIN + off + answers('first') });
    expect(scene.lines('hot reload disabled')).toHaveLength(1);
    await scene.write('gw.yaml', PLAIN + answers('second'));
    await sleep(800);
    expect(await scene.body()).toBe('first');
    process.emit('SIGHUP');
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('second');
    expect(scene.lines('config: received SIGHUP, reloading config')).toHaveLength(1);
    await scene.write('gw.yaml', PLAIN + answers('third'));
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('third');
  });

  test('what waits for the next start is named', async () => {
    const scene = await start({ 'gw.yaml': PLAIN + answers('first') });
    const moved = PLAIN.replace('127.0.0.1:0', '127.0.0.1:1') + 'databroker_storage_type: file\n';
    await scene.write('gw.yaml', moved + answers('second'));
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('second');
    const named = scene.lines().filter(({ message }) => message.includes('started again'));
    expect(named.map(({ key }) => key)).toEqual(['address', 'databroker_storage_type']);
  });
});

const shown = (port: number): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port, servername: 'one.localhost', rejectUnauthorized: false }, () => {
    resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
    socket.destroy();
  });
  socket.on('error', () => resolve('failed'));
  return promise;
};

describe('a changed file that the configuration names', () => {
  test('a new certificate is shown to new clients; half of a pair changes nothing until the other half is there', async () => {
    const [first, second] = [
      await issueTestCertificate('localhost', ['one.localhost']),
      await issueTestCertificate('localhost', ['one.localhost']),
    ];
    const config = `${HEAD}certificate_file: gw.crt\ncertificate_key_file: gw.key\n${answers('secure')}`;
    const scene = await start({ 'gw.crt': first.cert, 'gw.key': first.key, 'gw.yaml': config });
    const before = await shown(scene.port);
    await scene.write('gw.crt', second.cert);
    await expect.poll(() => scene.lines('config: error updating config'), { timeout: 5_000 }).toHaveLength(1);
    expect(await shown(scene.port)).toBe(before);
    await scene.write('gw.key', second.key);
    await expect.poll(async () => shown(scene.port), { timeout: 5_000 }).not.toBe(before);
  });

  test('the authority of an upstream, also one that was missing', async () => {
    const { cert, key, ca } = await issueTestCertificate('localhost', ['upstream.localhost']);
    const other = await issueTestCertificate('localhost', ['upstream.localhost']);
    const upstream = createServer({ cert, key }, (_, response) => response.end('believed'));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      upstream.close();
      upstream.closeAllConnections();
      await Promise.resolve();
    });
    const { port } = upstream.address() as AddressInfo;
    const routes = `routes:\n  - from: https://one.localhost\n    to: https://upstream.localhost:444\n    tls_custom_ca_file: ca.pem\n    allow_public_unauthenticated_access: true\n`;
    const scene = await start(
      { 'ca.pem': other.ca, 'gw.yaml': PLAIN + routes },
      { hostMap: [`upstream.localhost:444=127.0.0.1:${port}`] },
    );
    expect(await scene.body()).toContain('requestId');
    await rm(join(scene.folder, 'ca.pem'));
    await expect.poll(() => scene.lines('config: error updating config'), { timeout: 5_000 }).toHaveLength(1);
    await scene.write('ca.pem', ca);
    await expect.poll(scene.body, { timeout: 5_000 }).toBe('believed');
  });

  test('a secret of its own file', async () => {
    const config = PLAIN.replace(`shared_secret: ${SECRET}`, 'shared_secret_file: secret') + answers('kept');
    const scene = await start({ secret: SECRET, 'gw.yaml': config });
    await scene.write('secret', 'no secret');
    await expect.poll(() => scene.lines('config: error updating config'), { timeout: 5_000 }).toHaveLength(1);
    expect(JSON.stringify(scene.lines())).not.toContain('no secret');
    expect(await scene.body()).toBe('kept');
    await scene.write('secret', Buffer.alloc(32, 9).toString('base64'));
    await expect.poll(() => scene.lines('config: updated config'), { timeout: 5_000 }).toHaveLength(1);
  });
});
