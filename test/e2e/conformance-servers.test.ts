import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGuard } from '../../src/servers/guard.ts';
import { startHttpServer } from '../../src/servers/http-server.ts';
import { startServers, type RunningServer } from '../../src/servers/index.ts';
import { createMcpEndpoint } from '../../src/servers/mcp.ts';
import { createSampleDatabase } from '../../src/servers/sample-database.ts';
import { toolError, type Tool } from '../../src/servers/tool.ts';
import { ROOT, runProgram, type Ran } from '../helpers/program.ts';

const SUITE = join(ROOT, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const BASELINE = join(ROOT, 'test/conformance/servers-baseline.yaml');
const REVISIONS = ['2025-11-25', '2026-07-28'];

let folder: string;
let servers: RunningServer;
let frame: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcpgw-conformance-'));
  const file = join(folder, 'library.sqlite');
  await createSampleDatabase(file);
  const listen = { host: '127.0.0.1', port: 0 };
  servers = await startServers({
    servers: {
      whoami: { issuers: ['whoami.example.com'], fetch },
      sqlite: { file },
      notion: { fetch },
      github: { fetch },
      'google-drive': { fetch },
      // Nothing listens there; the suite calls none of these tools.
      postgres: { connectionString: 'postgresql://127.0.0.1:1/none', limits: {} },
    },
    listen,
    allowedHosts: [],
    allowedOrigins: [],
    log: () => undefined,
  });
  const endpoint = createMcpEndpoint({ name: 'frame', version: '1.0.0', tools: suiteTools() }, () => undefined);
  const guard = createGuard({ listenHost: listen.host, allowedHosts: [], allowedOrigins: [] });
  frame = await startHttpServer({ endpoints: new Map([['/mcp', endpoint]]), listen, guard, log: () => undefined });
});

afterAll(async () => {
  await Promise.all([servers.close(), frame.close()]);
  rmSync(folder, { recursive: true });
});

describe.each(REVISIONS)('every scenario that %s requires, but for the explained ones, passes', (revision) => {
  test.each(['whoami', 'sqlite', 'notion', 'github', 'google-drive', 'postgres'])('on /%s', async (name) => {
    const ran = await conformance(
      `http://127.0.0.1:${servers.address.port}/${name}`,
      '--requirements',
      revision,
      '--expected-failures',
      BASELINE,
    );
    expect(ran.code, ran.stdout.slice(-4000)).toBe(0);
    expect(ran.stdout).toMatch(/✓ dns-rebinding-protection: 2 passed, 0 failed/);
  });

  // The suite's own tools as far as they are text in, text out: what answers them is the frame that both servers stand in.
  test.each(['tools-call-simple-text', 'tools-call-error'])(
    '%s, on a server with the tool of the suite',
    async (scenario) => {
      const ran = await conformance(
        `http://127.0.0.1:${frame.address.port}/mcp`,
        '--scenario',
        scenario,
        '--spec-version',
        revision,
      );
      expect(ran.code, ran.stdout.slice(-4000)).toBe(0);
    },
  );
});

test('every expected failure has a written reason', () => {
  const entries = readFileSync(BASELINE, 'utf8')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('- '));
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.filter((line) => !/^ {2}- \S+ # \S+ .+$/.test(line))).toEqual([]);
});

async function conformance(url: string, ...options: string[]): Promise<Ran> {
  return runProgram(process.execPath, [SUITE, 'server', '--url', url, ...options, '-o', join(folder, 'results')], {
    cwd: folder,
  });
}

function suiteTools(): Tool[] {
  const annotations = { readOnlyHint: true, openWorldHint: false };
  return [
    {
      name: 'test_simple_text',
      description: 'Answers a text',
      arguments: {},
      annotations,
      call: async () => ({ texts: ['This is a simple text response for testing.'] }),
    },
    {
      name: 'test_error_handling',
      description: 'Always fails',
      arguments: {},
      annotations,
      call: async () => toolError('This tool intentionally returns an error for testing'),
    },
  ];
}
