import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, type TestContext, vi } from 'vitest';
import { callTool, databaseOf, post, startTestServers } from './helpers.ts';
import { ENDLESS } from './served-database.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const A_MINUTE = 60_000;
const ERA_2026 = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

describe('an abandoned query stops', () => {
  test.each([
    ['2025-11-25', {}, {}],
    [
      '2026-07-28',
      { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'read_query' },
      { _meta: ERA_2026 },
    ],
  ])(
    'when its client of %s goes away, and the next one is answered',
    async (_, headers: Record<string, string>, extra) => {
      const file = await databaseOf('CREATE TABLE t(x)');
      const { url } = await startTestServers({ sqlite: { file, limits: { timeout: A_MINUTE, processes: 1 } } });
      const abort = new AbortController();
      const params = { name: 'read_query', arguments: { query: ENDLESS }, ...extra };
      const gone = post(`${url}/sqlite`, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, headers, abort.signal)
        .then(async (response) => response.text())
        .catch((error: Error) => error.name);
      await sleep(400);
      abort.abort();
      expect(await gone).toBe('AbortError');
      const next = await callTool(`${url}/sqlite`, 'list_tables');
      expect(next).toEqual({ isError: false, texts: ['[\n  "t"\n]'] });
    },
  );

  test('at its limit when the servers stop meanwhile, answered, and no process stays', async (context) => {
    onlyOnLinux(context);
    const file = await databaseOf('CREATE TABLE t(x)');
    const { url, close } = await startTestServers({ sqlite: { file, limits: { timeout: 2_000 } } });
    const endless = callTool(`${url}/sqlite`, 'read_query', { query: ENDLESS });
    await processesWith(file, (pids) => pids.length === 1);
    await close();
    // The call ran into its own limit while the stop waited for it, and was answered.
    expect((await endless).texts[0]).toContain('took longer than 2 s');
    expect(pidsWith(file)).toEqual([]);
  });

  test('when the whole program is killed', async (context) => {
    onlyOnLinux(context);
    const file = await databaseOf('CREATE TABLE t(x)');
    const program = spawn(process.execPath, ['--input-type=module', '--eval', programWith(file)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    onTestFinished(() => void program.kill('SIGKILL'));
    const [pid = 0] = await processesWith(file, (pids) => pids.length === 1);
    await busy(pid);
    program.kill('SIGKILL');
    expect(await processesWith(file, (pids) => pids.length === 0)).toEqual([]);
  }, 20_000);
});

test('an idle query process ends with its program', async (context) => {
  onlyOnLinux(context);
  const file = await databaseOf('CREATE TABLE t(x)');
  const { url, close } = await startTestServers({ sqlite: { file } });
  await callTool(`${url}/sqlite`, 'list_tables');
  expect(pidsWith(file)).toHaveLength(1);
  await close();
  expect(pidsWith(file)).toEqual([]);
});

test('a query process gets none of the environment', async (context) => {
  onlyOnLinux(context);
  process.env['MCPGW_TEST_SECRET'] = 'do-not-pass-on';
  onTestFinished(() => void delete process.env['MCPGW_TEST_SECRET']);
  const file = await databaseOf('CREATE TABLE t(x)');
  const { url } = await startTestServers({ sqlite: { file } });
  await callTool(`${url}/sqlite`, 'list_tables');
  const [pid] = pidsWith(file);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('do-not-pass-on');
});

function programWith(file: string): string {
  const entry = new URL('../../../src/servers/index.ts', import.meta.url).href;
  return `
    import { startServers } from ${JSON.stringify(entry)};
    const { address } = await startServers({
      servers: { sqlite: { file: ${JSON.stringify(file)}, limits: { timeout: ${A_MINUTE} } } },
      listen: { host: '127.0.0.1', port: 0 }, allowedHosts: [], allowedOrigins: [], log: () => undefined,
    });
    await fetch('http://127.0.0.1:' + address.port + '/sqlite', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: '*/*' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read_query', arguments: { query: ${JSON.stringify(ENDLESS)} } } }),
    }).then((response) => response.text());`;
}

/** Query processes for a database file, found by their command line. */
function pidsWith(file: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes('sqlite-process') && command.includes(file);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function processesWith(file: string, isEnough: (pids: number[]) => boolean): Promise<number[]> {
  for (let i = 0; i < 200; i += 1) {
    const pids = pidsWith(file);
    if (isEnough(pids)) return pids;
    await sleep(50);
  }
  return pidsWith(file);
}

/** Waits until a process computes: user time, field 14 of /proc/PID/stat, in hundredths of a second. */
async function busy(pid: number): Promise<void> {
  const userTime = (): number => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13]);
  for (let i = 0; i < 200 && userTime() < 30; i += 1) await sleep(50);
}

function onlyOnLinux(context: TestContext): void {
  context.skip(process.platform !== 'linux', 'processes are found in /proc, which only Linux has');
}
