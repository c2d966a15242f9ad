import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeOwnImage, readBundle } from '../../../../src/stack/docker/image.ts';
import { makeTar } from '../../../../src/stack/docker/tar.ts';
import { temporaryFolder } from '../../../helpers/program.ts';

async function packageWith(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder('package');
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return folder;
}

const FILES = {
  'bin/mcpgw.js': 'a',
  'dist/main.js': 'b',
  'dist/deep/er.js': 'c',
  'package.json': '{}',
  'src/left-out.ts': 'x',
};

test('the bundle is what a container needs, and its hash says whether an image is of it', async () => {
  const bundle = await readBundle({}, await packageWith(FILES));
  expect(bundle.entries.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
    'bin/mcpgw.js 755',
    'dist/deep/er.js 644',
    'dist/main.js 644',
    'package.json 644',
  ]);
  expect(bundle.base).toBe('node:24-slim');
  const same = await readBundle({}, await packageWith(FILES));
  const edited = await readBundle({}, await packageWith({ ...FILES, 'dist/main.js': 'other' }));
  const based = await readBundle({ MCPGW_NODE_IMAGE: 'node:24' }, await packageWith(FILES));
  expect(same.hash).toBe(bundle.hash);
  expect(new Set([bundle.hash, edited.hash, based.hash]).size).toBe(3);
  const info = { id: 'x', architecture: 'amd64', labels: { 'dev.mcpgw.content': bundle.hash } };
  expect([judgeOwnImage(undefined, bundle), judgeOwnImage(info, edited), judgeOwnImage(info, bundle)]).toEqual([
    'missing',
    'outdated',
    'current',
  ]);
});

test('a program that was never built says what to do', async () => {
  await expect(readBundle({}, await packageWith({ 'package.json': '{}' }))).rejects.toMatchObject({
    code: 'BUNDLE_MISSING',
    message: expect.stringContaining('bin/mcpgw.js, dist/main.js') as unknown,
  });
});

test('the archive is one that tar reads: long paths, folders, odd sizes', async () => {
  const long = `dist/${'a'.repeat(60)}/${'b'.repeat(60)}.js`;
  const archive = makeTar([
    { path: 'state/', content: Buffer.alloc(0), mode: 0o700 },
    { path: long, content: Buffer.from('x'.repeat(513)), mode: 0o644 },
    { path: 'bin/mcpgw.js', content: Buffer.from('#!'), mode: 0o755 },
  ]);
  const listed = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' });
  expect(listed.trim().split('\n')).toEqual(['state/', long, 'bin/mcpgw.js']);
  const folder = await temporaryFolder('tar');
  execFileSync('tar', ['-xf', '-', '--no-same-owner', '-C', folder], { input: archive });
  expect(execFileSync('cat', [join(folder, long)], { encoding: 'utf8' })).toBe('x'.repeat(513));
  expect(() => makeTar([{ path: 'a'.repeat(200), content: Buffer.alloc(0), mode: 0o644 }])).toThrow('too long');
});
