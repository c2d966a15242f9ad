import { readFile, stat, readdir } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, runProgram, temporaryFolder } from '../helpers/program.ts';

/** Of the tarball, which is what npx downloads. */
const LIMIT = 2 * 1024 * 1024;

interface Packed {
  filename: string;
  files: { path: string }[];
}

test('the packed tarball installs alone, without scripts, below 2 MB, and both programs run', async () => {
  const folder = await temporaryFolder('package');
  const packed = await runProgram('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
  expect(packed.code, packed.stderr).toBe(0);
  const [tarball] = JSON.parse(packed.stdout) as Packed[];
  expect(tarball?.files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'bin/mcpgw.js',
      'bin/create-mcp-gateway.js',
      'dist/main.js',
      'THIRD-PARTY.md',
      'LICENSE',
      'README.md',
    ]),
  );

  const installed = await runProgram(
    'npm',
    ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, join(folder, tarball?.filename ?? '')],
    { cwd: folder },
  );
  expect(installed.code, installed.stderr).toBe(0);
  const packages = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
  expect(packages).toEqual(['create-mcp-gateway']);
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/create-mcp-gateway/package.json'), 'utf8')) as {
    version: string;
    scripts?: Record<string, string>;
    dependencies?: Record<string, string>;
  };
  expect(Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare/.test(name))).toEqual([]);
  expect(manifest.dependencies ?? {}).toEqual({});
  expect((await stat(join(folder, tarball?.filename ?? ''))).size).toBeLessThan(LIMIT);

  for (const name of ['mcpgw', 'create-mcp-gateway']) {
    const bin = join(folder, 'node_modules/.bin', name);
    const version = await runProgram(process.execPath, [bin, '--version'], { cwd: folder });
    expect(version).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  }
  const created = await runProgram(
    process.execPath,
    [join(folder, 'node_modules/.bin/create-mcp-gateway'), 'made', '--yes', '--engine', 'embedded'],
    { cwd: folder },
  );
  expect(created.code, created.stderr).toBe(0);
  expect(await readdir(join(folder, 'made'))).toEqual(
    expect.arrayContaining(['pomerium-config.yaml', 'docker-compose.yaml', '.env', 'README.md']),
  );
});

test('an old Node is turned away with a command that works', async () => {
  const guard = await readFile(join(ROOT, 'bin/guard.cjs'), 'utf8');
  // The guard runs here under a process object of an old Node, since only one Node is at hand.
  const written: string[] = [];
  const old = {
    versions: { node: '20.19.0' },
    argv: ['node', 'mcpgw', 'call', 'sqlite', 'read_query', '--query', 'select 1'],
    env: {},
    stderr: { write: (text: string) => written.push(text) },
    exit: (code: number) => {
      throw new Error(`exit ${code}`);
    },
  };
  expect(() => runInNewContext(guard, { process: old })).toThrow('exit 1');
  expect(written.join('')).toContain('needs Node 22.19 or later');
  expect(written.join('')).toContain(
    "Fix: npx -y -p node@24 -p create-mcp-gateway mcpgw call sqlite read_query --query 'select 1'",
  );
});
