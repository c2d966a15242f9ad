import { appendFile, chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addMissingNames, missingNames, warnOfExposedPorts } from '../../src/commands/up-compose.ts';
import { loadProject } from '../../src/project/index.ts';
import { testContext } from '../helpers/context.ts';
import { temporaryProject } from '../unit/project/helpers.ts';

const ROUTE = `
  - name: notes
    from: https://notes.localhost:8443
    to: http://notes:8080/mcp
    mcp: { server: {} }
    policy: [{ allow: { or: [{ authenticated_user: true }] } }]
`;

async function projectWithRoute(engine: 'docker' | 'embedded'): Promise<{ folder: string; compose: string }> {
  const folder = await temporaryProject({ answers: { engine } });
  await appendFile(join(folder, 'pomerium-config.yaml'), ROUTE);
  return { folder, compose: join(folder, 'docker-compose.yaml') };
}

test('a route that was added by hand gets its alias, which is told; the second time nothing happens', async () => {
  const { folder, compose } = await projectWithRoute('docker');
  await chmod(compose, 0o640);
  const before = await readFile(compose, 'utf8');
  const ctx = testContext({ cwd: folder });
  await addMissingNames(ctx, await loadProject(folder, {}));
  expect(ctx.err()).toBe('+ docker-compose.yaml: notes.localhost as an alias of pomerium\n');
  expect(await readFile(compose, 'utf8')).toBe(
    before.replace('          - sqlite.localhost\n', '          - sqlite.localhost\n          - notes.localhost\n'),
  );
  expect((await stat(compose)).mode & 0o777).toBe(0o640);
  const again = testContext({ cwd: folder });
  await addMissingNames(again, await loadProject(folder, {}));
  expect(again.err()).toBe('');
});

test('without Docker the compose file stays as it is', async () => {
  const { folder } = await projectWithRoute('embedded');
  expect(missingNames(await loadProject(folder, {})).added).toEqual([]);
});

/** What is told of a project with a server that publishes its port in three ways. */
async function toldOf(address: 'local' | 'public'): Promise<string> {
  const place = address === 'local' ? {} : { domain: 'gw.example.com', port: 443 };
  const folder = await temporaryProject({ answers: { engine: 'docker', address, ...place } });
  const compose = join(folder, 'docker-compose.yaml');
  const service =
    '\nservices:\n  mine:\n    image: mine\n    ports: ["3000:3000", "127.0.0.1:3001:3001", "[::1]:3002:3002"]\n';
  await writeFile(compose, (await readFile(compose, 'utf8')).replace('\nservices:\n', service));
  const ctx = testContext({ cwd: folder });
  warnOfExposedPorts(ctx, await loadProject(folder, {}));
  return ctx.err();
}

test('a port that is open to the network is told, in projects for one machine only', async () => {
  expect(await toldOf('local')).toBe(
    '! docker-compose.yaml: the port of mine 3000 is open to the network; write 127.0.0.1: in front of it\n',
  );
  expect(await toldOf('public')).toBe('');
});
