import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, runProgram, temporaryFolder, type Ran } from '../helpers/program.ts';

const START = join(ROOT, 'src/start.ts');
const SECRET = 'kAJ28dhw8sHDw82hdw8';
const OLD = `routes:
  - from: https://a.corp.test
    to: http://a:1
    mcp:
      upstream_oauth2:
        client_secret: ${SECRET} # of the wiki
`;

async function migrate(folder: string, ...words: string[]): Promise<Ran> {
  return runProgram(process.execPath, [START, 'migrate', ...words], { cwd: folder, env: { NO_COLOR: '1' } });
}

test('shows the change with its reason, writes nothing before --yes, and has nothing to do after it', async () => {
  const folder = await temporaryFolder('migrate');
  const file = join(folder, 'pomerium-config.yaml');
  await writeFile(file, OLD);

  const dry = await migrate(folder, '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain('+      server:');
  expect(dry.stdout).toContain('since v0.30.0');
  expect(dry.stdout).toContain('https://a.corp.test/.pomerium/mcp/client/oauth/callback');
  expect(dry.stdout).not.toContain(SECRET);
  expect(Math.max(...dry.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(await migrate(folder)).toMatchObject({ code: 2 });
  expect(await readFile(file, 'utf8')).toBe(OLD);

  expect(await migrate(folder, '--yes')).toMatchObject({ code: 0 });
  expect(await readFile(file, 'utf8')).toContain(
    `      server:\n        upstream_oauth2:\n          client_secret: ${SECRET} # of the wiki\n`,
  );
  expect((await migrate(folder, '--yes')).stdout).toContain('is in today’s syntax');
});

test('a file that is no YAML is told with its place', async () => {
  const folder = await temporaryFolder('migrate-broken');
  await writeFile(join(folder, 'pomerium-config.yaml'), 'routes: [\n');
  const { code, stderr } = await migrate(folder, '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain('YAML_SYNTAX');
});
