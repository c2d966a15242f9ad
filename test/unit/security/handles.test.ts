import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { readTemplates } from '../../../src/project/index.ts';
import { generateSecrets, scaffoldFiles, type Answers } from '../../../src/scaffold/index.ts';
import { callTool, databaseOf, messageOf, post, startTestServers } from '../servers/helpers.ts';

describe('state handles', () => {
  test('ST-1 the reference servers keep nothing between two calls, so that there is no handle to guess', async () => {
    const file = await databaseOf('CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)');
    const { url } = await startTestServers({ sqlite: { file } });
    const listed = await messageOf(await post(`${url}/sqlite`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }));
    // Nothing that a tool takes is something that a server has given out.
    expect(JSON.stringify(listed)).not.toMatch(/cursor|handle|session|continuation/i);
    const query = { query: 'SELECT x FROM t' };
    const answers = await Promise.all([1, 2].map(() => callTool(`${url}/sqlite`, 'read_query', query)));
    expect(answers[0]).toEqual(answers[1]);
    const response = await post(`${url}/sqlite`, { jsonrpc: '2.0', id: 1, method: 'ping' });
    expect([response.headers.get('mcp-session-id'), response.headers.get('set-cookie')]).toEqual([null, null]);
  });
});

const BASE: Answers = {
  title: 'my-gateway',
  address: 'local',
  domain: 'localhost',
  port: 8443,
  idpPort: 9080,
  engine: 'embedded',
  servers: ['whoami', 'sqlite'],
  allow: { kind: 'anyone' },
  version: '0.1.0',
};

describe('what create writes', async () => {
  const secrets = generateSecrets();
  const files = scaffoldFiles(BASE, secrets, await readTemplates());
  const config = files.find(({ path }) => path === 'pomerium-config.yaml')?.content ?? '';
  const env = { ...secrets, DATABROKER_STORAGE_TYPE: 'file', DATABROKER_STORAGE_CONNECTION_STRING: 'file:///tmp/x' };
  const { options } = parseConfig(config, { file: 'pomerium-config.yaml', env });
  const routes = options?.routes ?? [];

  test('PG-1 max_request_bytes is what the gateway can look at, wherever a rule names a tool', () => {
    const withTools = routes.filter(({ policy }) => JSON.stringify(policy).includes('mcp_tool'));
    expect(withTools.map(({ name }) => name)).toEqual(['sqlite']);
    expect(withTools.map(({ mcp }) => mcp?.server?.max_request_bytes)).toEqual([32_768]);
  });

  test('PG-2 no list of clients’ domains is a star', () => {
    expect(options?.mcp_allowed_client_id_domains.filter((domain) => domain === '*')).toEqual([]);
  });

  test('PG-3 no secret stands in the files that are committed, and .env is for its owner and not for git', () => {
    const committed = files.filter(({ path }) => path !== '.env');
    for (const secret of Object.values(secrets)) {
      for (const { path, content } of committed) expect(content.includes(secret), path).toBe(false);
    }
    expect(files.find(({ path }) => path === '.env')?.mode).toBe(0o600);
    expect(files.find(({ path }) => path === '.gitignore')?.content).toMatch(/^\.env$/m);
  });

  test('PG-4 every route has a policy, and none to an MCP server is public', () => {
    expect(routes.filter(({ policy }) => !policy?.length).map(({ name }) => name)).toEqual([]);
    expect(routes.filter(({ allow_public_unauthenticated_access: open }) => open).map(({ name }) => name)).toEqual([]);
  });
});

/** Lines of the guidance that a gateway or a server has to hold. */
const IDS =
  'TK-1 TK-2 TK-3 TK-4 TK-5 TK-6 TK-7 CD-1 CD-2 CD-3 CD-4 CD-5 RD-1 RD-2 RD-3 RD-4 RD-5 SS-1 SS-2 SS-3 TR-1 TR-2 TR-3 TR-4 TR-5 TR-6 TR-7 TR-8 TR-9 TR-10 TR-11 ST-1 SC-1 PG-1 PG-2 PG-3 PG-4'.split(
    ' ',
  );

describe('the list', () => {
  const titles = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => titlesIn(readFileSync(join(import.meta.dirname, name), 'utf8')));
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/security.md'), 'utf8');

  test.each(IDS)('%s has a test', (id) => {
    expect(titles.some((title) => idsOf(title).includes(id))).toBe(true);
  });

  test('what is not held by default is held by --strict, and stands in docs/security.md', () => {
    const lax = [...new Set(titles.filter((title) => / not held/.test(title)).flatMap(idsOf))];
    expect(lax.length).toBeGreaterThan(10);
    const held = titles.filter((title) => title.includes(' strict: ')).flatMap(idsOf);
    expect(lax.filter((id) => !held.includes(id))).toEqual([]);
    expect(lax.filter((id) => !docs.includes(id))).toEqual([]);
  });
});

/** What stands between `test(` or `)(` and the end of the string. */
function titlesIn(source: string): string[] {
  return [
    ...source.matchAll(/(?:\btest|\]\))\(\s*['`]([^'`]+)['`]/g),
    ...source.matchAll(/^ {2,4}'([A-Z]{2}-\d+ [^']+)'/gm),
  ].map(([, title = '']) => title);
}

function idsOf(title: string): string[] {
  return /^((?:[A-Z]{2}-\d+(?:, )?)+)/.exec(title)?.[1]?.split(', ') ?? [];
}
