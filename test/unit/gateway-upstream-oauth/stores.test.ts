import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findPostgres, openPostgres } from '../gateway-store/stores.ts';
import { Bed, certificate, HOST, STATIC } from './support/bed.ts';
import { ScriptedService } from './support/service.ts';

let service: ScriptedService;
let ports: Record<string, number>;

beforeEach(async () => {
  service = new ScriptedService();
  const port = await service.open();
  ports = { 'upmcp.corp.test:443': port, 'upas.corp.test:443': port };
});
afterEach(async () => {
  vi.useRealTimers();
  await service.close();
});

const authorizations = () => service.calls.map(({ authorization }) => authorization);

async function consent(bed: Bed, token: string, at = bed): Promise<void> {
  const { location } = await bed.connect(token);
  const got = await at.callback({ state: location.searchParams.get('state') ?? '', code: 'upcode' });
  expect(got.location.href).toBe('https://app.corp.test/done');
}

describe('kill -9', () => {
  test('after the authorization server has taken the refresh token and before its answer is stored: the call works later', async () => {
    const bed = await Bed.start({ server: STATIC, ports });
    const token = await bed.signIn();
    service.behaviour.token = () => service.issue({ expires_in: 1 });
    await consent(bed, token);
    const [before] = await bed.withStore((store) => store.upstreamTokens.allNow());
    await new Promise((done) => setTimeout(done, 1_100));

    const options = JSON.stringify({ ...bed.o, folder: bed.folder });
    const program = fileURLToPath(new URL('./support/gateway-process.ts', import.meta.url));
    const env = { ...process.env, BED_CERTIFICATE: JSON.stringify(certificate) };
    const child = spawn(process.execPath, [program, options], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((done) => child.once('exit', done));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const port = Number((await lines.next()).value);
    service.forms.length = 0;
    service.behaviour.token = () => {
      // The new tokens exist, and nobody will ever hear of them.
      child.kill('SIGKILL');
      return service.issue({ expires_in: 3600 });
    };
    await expect(bed.call(token, '/mcp', { port })).rejects.toThrow();
    await exited;
    expect(await bed.withStore((store) => store.upstreamTokens.allNow())).toEqual([before]);

    // A server that forgives the loss of an answer takes the old refresh token once more.
    service.behaviour.token = () => service.issue({ expires_in: 3600 });
    expect((await bed.call(token)).status).toBe(200);
    expect(service.forms.map((form) => form.get('refresh_token'))).toEqual([
      'upstream-refresh-1',
      'upstream-refresh-1',
    ]);
    expect(authorizations()).toEqual(['Bearer upstream-token-3']);
    await bed.close();
  }, 20_000);
});

describe('a full disk', () => {
  test('does not lose a renewed token: it serves from memory and is stored as soon as that is possible', async () => {
    const bed = await Bed.start({ server: STATIC, ports });
    const token = await bed.signIn();
    service.behaviour.token = () => service.issue({ expires_in: 60 });
    await consent(bed, token);
    const blocker = new DatabaseSync(bed.stateFile);
    blocker.exec("CREATE TRIGGER full BEFORE UPDATE ON upstream_tokens BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    service.behaviour.token = () => service.issue({ expires_in: 3600 });
    expect((await bed.call(token)).status).toBe(200);
    expect(bed.logText).toContain('it is kept in memory');
    blocker.exec('DROP TRIGGER full');
    blocker.close();
    expect((await bed.call(token)).status).toBe(200);
    await bed.restart();
    expect((await bed.call(token)).status).toBe(200);
    expect(new Set(authorizations())).toEqual(new Set(['Bearer upstream-token-2']));
    await bed.close();
  });
});

const { server, reason } = await findPostgres();

describe.skipIf(!server)(`PostgreSQL${reason === undefined ? '' : `: ${reason}`}`, () => {
  let one: Bed;
  let other: Bed;

  afterAll(async () => server?.remove());

  beforeEach(async () => {
    const where = (await server?.createDatabase()) ?? '';
    const storage = `databroker_storage_type: postgres\ndatabroker_storage_connection_string: ${where}`;
    const openStore = async () => {
      const store = openPostgres(where);
      await store.settled;
      return store;
    };
    one = await Bed.start({ server: STATIC, ports, storage, openStore });
    other = await Bed.start({ server: STATIC, ports, storage, openStore });
  });
  afterEach(async () => {
    await one.close();
    await other.close();
  });

  /** Known to both gateways. */
  async function signIn(): Promise<string> {
    const token = await one.signIn();
    for (const bed of [one, other]) await vi.waitFor(async () => expect((await bed.connect(token)).status).toBe(302));
    return token;
  }

  test('consent at one gateway serves at the other, also after a restart; disconnecting ends it at both', async () => {
    const token = await signIn();
    await consent(one, token, other);
    expect((await other.call(token)).status).toBe(200);
    await vi.waitFor(async () => expect((await one.call(token)).status).toBe(200));
    await one.restart();
    expect((await one.call(token)).status).toBe(200);
    expect(JSON.stringify(await one.withStore((store) => store.upstreamTokens.allNow()))).not.toContain(
      'upstream-token',
    );
    const body = JSON.stringify({ routes: [`https://${HOST}`] });
    const headers = { authorization: `Bearer ${token}` };
    await one.send('/.pomerium/mcp/routes/disconnect', { method: 'POST', headers, body });
    expect((await one.call(token)).status).toBe(401);
    await vi.waitFor(async () => expect((await other.call(token)).status).toBe(401));
  });

  test('a renewal at one gateway is known to the other', async () => {
    const token = await signIn();
    service.behaviour.token = () => service.issue({ expires_in: 60 });
    await consent(one, token);
    await vi.waitFor(async () => expect((await other.call(token)).status).toBe(200));
    service.behaviour.token = () => service.issue({ expires_in: 3600 });
    service.forms.length = 0;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect((await one.call(token)).status).toBe(200);
    await vi.waitFor(async () => {
      vi.setSystemTime(Date.now() + 300);
      const [row] = await other.withStore((store) => store.upstreamTokens.allNow());
      expect(row).toBeDefined();
    });
    expect((await other.call(token)).status).toBe(200);
    expect(service.forms).toHaveLength(1);
  });
});
