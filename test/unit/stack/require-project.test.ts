import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireProject, requireProjectOrTraces } from '../../../src/stack/index.ts';
import { temporaryFolder } from '../../helpers/program.ts';

test('a folder of which only the traces of a start are left is still found by those who stop what runs', async () => {
  const folder = await temporaryFolder('traces');
  await mkdir(join(folder, '.mcpgw'));
  const inside = join(folder, 'data');
  await mkdir(inside);
  await expect(requireProjectOrTraces(inside)).rejects.toMatchObject({ code: 'NO_PROJECT' });
  await writeFile(join(folder, '.mcpgw/docker.json'), '{}');
  expect(await requireProjectOrTraces(inside)).toBe(folder);
  await expect(requireProject(inside)).rejects.toMatchObject({ code: 'NO_PROJECT' });
});

test('the nearest folder counts, by its files or by its traces', async () => {
  const folder = await temporaryFolder('nearest');
  await mkdir(join(folder, '.mcpgw'));
  await writeFile(join(folder, '.mcpgw/docker.json'), '{}');
  const inner = join(folder, 'inner');
  await mkdir(inner);
  await writeFile(join(inner, 'pomerium-config.yaml'), 'routes: []\n');
  expect(await requireProjectOrTraces(inner)).toBe(inner);
  await rm(join(inner, 'pomerium-config.yaml'));
  expect(await requireProjectOrTraces(inner)).toBe(folder);
});
