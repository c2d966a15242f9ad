import { expect, onTestFinished, test } from 'vitest';
import type { LogEntry } from '../../../src/net/log.ts';
import type { Options } from '../../../src/pomerium/model.ts';
import { projectPaths, type Project } from '../../../src/project/index.ts';
import { createHostMap } from '../../../src/stack/embedded/host-map.ts';
import { InProcessServers } from '../../../src/stack/embedded/in-process-servers.ts';
import { temporaryFolder } from '../../helpers/program.ts';

interface Started {
  servers: InProcessServers;
  log: LogEntry[];
  /** HTTP status of a list of tools. */
  list: (name: string) => Promise<number>;
}

/** The engine's service `mcp-servers`, told to serve these, with this environment of the compose file. */
async function start(serves: string[], environment: Record<string, string> = {}): Promise<Started> {
  const folder = await temporaryFolder('in-process');
  const service = {
    name: 'mcp-servers',
    run: 'mcpgw serve',
    words: ['mcpgw', 'serve'],
    hash: '',
    folder,
    environment,
    serves,
  };
  const project = { paths: projectPaths(folder), settings: { domain: 'localhost', port: 8443 } } as unknown as Project;
  const options = { routes: [] } as unknown as Options;
  const log: LogEntry[] = [];
  const servers = new InProcessServers({
    service,
    project,
    options,
    hosts: createHostMap(),
    authority: async () => '',
    log: (entry) => void log.push(entry),
  });
  onTestFinished(async () => servers.stop());
  await servers.start();
  const { address = '' } = await servers.status();
  const list = async (name: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    return (await fetch(`http://${address}/${name}`, { method: 'POST', headers, body })).status;
  };
  return { servers, log, list };
}

test('serves the reference servers that x-mcpgw.run names, and no other', async () => {
  const { list, servers } = await start(['notion', 'google-drive']);
  expect(servers.summary()).toBe('notion, google-drive');
  expect(await Promise.all(['notion', 'google-drive', 'github', 'whoami'].map(list))).toEqual([200, 200, 404, 404]);
});

test('gives them what the service’s environment says', async () => {
  const { list, log } = await start(['postgres'], { POSTGRES_URL: 'postgresql://reader:s3cret@127.0.0.1:1/shop' });
  expect(await list('postgres')).toBe(200);
  await expect.poll(() => log).toContainEqual(expect.objectContaining({ message: 'postgres: not ready yet' }));
  expect(JSON.stringify(log)).not.toContain('s3cret');
});

test.each([
  [['postgres'], 'postgres needs a database to read'],
  [['notoin'], 'there is no server `notoin`'],
])('does not start %j, and says why', async (serves, reason) => {
  const { servers } = await start(serves);
  expect(await servers.status()).toMatchObject({ state: 'failed', detail: expect.stringContaining(reason) });
});
