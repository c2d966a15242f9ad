import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { debianSource } from './debian.ts';
import { CACHE, IMAGES, ROOT, SUITE } from './places.ts';
import { ask, run, step } from './run.ts';

/** What an image was made from; an image with the same value is not built again. */
const CONTENT = 'dev.mcpgw.test.content';
const RECIPES = join(ROOT, 'test/docker/images');

/** Builds the images whose content has changed. Each stands on the one before it or on the base. */
export async function ensureImages(): Promise<void> {
  const base = await ensureBase();
  await Promise.all([
    ensureImage('postgres', base, {}),
    ensureImage('node', base, { node: join(ROOT, 'node_modules/node/bin/node') }).then(async (node) =>
      withGatewayBundle(async (bundle) => ensureImage('pomerium', node, { 'main.js': bundle })),
    ),
  ]);
}

/** Milliseconds since 1970 at which each image was made, by name; undefined: there is none. */
export async function findImages(): Promise<Record<string, string | undefined>> {
  const names = Object.values(IMAGES);
  const found = await Promise.all(
    names.map(async (name) => ask('docker', ['image', 'inspect', '--format', '{{.Id}}', name])),
  );
  return Object.fromEntries(names.map((name, index) => [name, found[index]]));
}

async function ensureBase(): Promise<string> {
  const content = hash(['base 1', SUITE]);
  if ((await contentOf(IMAGES.debian)) === content) return content;
  const root = await mkdtemp(join(CACHE, 'debian-'));
  try {
    const include = '--include=ca-certificates';
    await step('debootstrap', async () =>
      run('debootstrap', ['--variant=minbase', include, SUITE, root, debianSource().uri]),
    );
    const label = `LABEL ${CONTENT}=${content}`;
    const archive = `${root}.tar`;
    await run('tar', ['-C', root, '-cf', archive, '--exclude=./var/cache/apt/archives/*.deb', '.']);
    await run('docker', ['import', '--change', label, archive, IMAGES.debian]);
    await rm(archive, { force: true });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return content;
}

/** Builds from the recipe's folder and the given files; returns what identifies the content. */
async function ensureImage(
  name: 'node' | 'postgres' | 'pomerium',
  base: string,
  files: Record<string, string>,
): Promise<string> {
  const recipe = join(RECIPES, name);
  const own = globSync('{Dockerfile,*.sh}', { cwd: recipe }).toSorted();
  const inputs = [...own.map((file) => join(recipe, file)), ...Object.values(files)];
  const content = hash([base, ...(await Promise.all(inputs.map(async (file) => readFile(file))))]);
  const tag = IMAGES[name];
  if ((await contentOf(tag)) === content) return content;
  const context = await mkdtemp(join(CACHE, `${name}-`));
  try {
    for (const file of own) await copyFile(join(recipe, file), join(context, file));
    for (const [file, source] of Object.entries(files)) await copyFile(source, join(context, file));
    // The host's network: its mirror may be reachable from nowhere else.
    const flags = ['--network', 'host', '--label', `${CONTENT}=${content}`, '--tag', tag];
    await step(`image ${tag}`, async () => run('docker', ['build', ...flags, context]));
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return content;
}

/** The development gateway behind Pomerium's command line, in one file. */
async function withGatewayBundle<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(CACHE, 'bundle-'));
  try {
    const file = join(folder, 'main.js');
    const config = join(RECIPES, 'pomerium/rolldown.config.js');
    await run(join(ROOT, 'node_modules/.bin/rolldown'), ['-c', config, '--file', file], { cwd: ROOT });
    await writeFile(
      file,
      `#!/usr/local/bin/node --disable-warning=ExperimentalWarning\n${await readFile(file, 'utf8')}`,
    );
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function contentOf(image: string): Promise<string | undefined> {
  return ask('docker', ['image', 'inspect', '--format', `{{index .Config.Labels "${CONTENT}"}}`, image]);
}

function hash(parts: readonly (string | Buffer)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}
