import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProgressEvent } from '../../../../src/stack/engine.ts';
import type { DockerApi, ImageInfo, ProgressLine } from '../../../../src/stack/docker/docker-api.ts';
import { ensureImages, type EnsureOptions } from '../../../../src/stack/docker/images.ts';
import { OWN_IMAGE, type Bundle } from '../../../../src/stack/docker/image.ts';
import { countPull } from '../../../../src/stack/docker/pull-progress.ts';
import { temporaryFolder } from '../../../helpers/program.ts';
import { fakeApi } from './helpers.ts';

const HERE: ImageInfo = { id: 'sha256:a', labels: {}, architecture: 'amd64' };
const BUNDLE: Bundle = { entries: [], hash: 'content', base: 'node:24-slim' };
const LIMIT = new Error('toomanyrequests: You have reached your unauthenticated pull rate limit');
const OFFLINE = new Error('dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host');

interface Scene extends EnsureOptions {
  told: ProgressEvent[];
  pulled: string[];
}

function scene(
  images: Record<string, ImageInfo>,
  change: Partial<EnsureOptions> = {},
  api: Partial<DockerApi> = {},
): Scene {
  const told: ProgressEvent[] = [];
  const pulled: string[] = [];
  return {
    told,
    pulled,
    api: fakeApi({ image: async (name) => images[name], pull: async (name) => void pulled.push(name), ...api }),
    // No docker CLI there: what it would be asked for fails.
    cli: { cwd: '/', env: { PATH: '/nowhere' } },
    policy: 'missing',
    signal: new AbortController().signal,
    report: (event) => void told.push(event),
    pauses: [1, 1],
    ...change,
  };
}

test('nothing is asked of a registry while every image is here', async () => {
  const options = scene({ 'a:1': HERE, 'b:1': HERE });
  await ensureImages(['a:1', 'b:1'], undefined, options);
  expect(options.pulled).toEqual([]);
  expect(options.told).toEqual([]);
});

test('missing images come side by side, each once', async () => {
  const gate = Promise.withResolvers<void>();
  const started: string[] = [];
  const pull = async (name: string): Promise<void> => {
    started.push(name);
    if (started.length === 2) gate.resolve();
    await gate.promise;
  };
  const options = scene({ 'here:1': HERE }, {}, { pull });
  await ensureImages(['a:1', 'b:1', 'a:1', 'here:1'], undefined, options);
  expect(started).toEqual(['a:1', 'b:1']);
  expect(options.told.at(-1)).toMatchObject({ state: 'ready', text: 'pulled a:1, pulled b:1' });
});

test('--pull never names what is missing and asks nobody', async () => {
  await expect(
    ensureImages(['a:1', 'here:1'], undefined, scene({ 'here:1': HERE }, { policy: 'never' })),
  ).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    details: { images: ['a:1'] },
  });
});

test('--pull always uses what is here when no registry answers', async () => {
  const options = scene({ 'a:1': HERE }, { policy: 'always' }, { pull: async () => Promise.reject(OFFLINE) });
  await ensureImages(['a:1'], undefined, options);
  expect(options.told.some(({ text }) => text.includes('using what is here'))).toBe(true);
});

test('a rate limit is waited for, the CLI with its account is asked too, and then it is told as such', async () => {
  const bin = await temporaryFolder('docker-cli');
  await writeFile(join(bin, 'docker'), `#!/bin/sh\necho "$*" >>"$0.asked"\necho '${LIMIT.message}' >&2\nexit 1\n`, {
    mode: 0o755,
  });
  const cli = { cwd: bin, env: { PATH: `${bin}:/usr/bin:/bin` } };
  const options = scene({}, { cli }, { pull: async () => Promise.reject(LIMIT) });
  await expect(ensureImages(['a:1'], undefined, options)).rejects.toMatchObject({ code: 'REGISTRY_LIMIT' });
  expect(options.told.filter(({ text }) => text.includes('rate limit'))).toHaveLength(2);
  expect(await readFile(join(bin, 'docker.asked'), 'utf8')).toBe('pull --quiet a:1\n'.repeat(3));
});

test('an image that cannot be had ends the other downloads', async () => {
  const ended: string[] = [];
  const pull: DockerApi['pull'] = async (name, _progress, signal) => {
    if (name === 'no:1') throw new Error('manifest for no:1 not found: manifest unknown');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended.push(name);
    signal.throwIfAborted();
  };
  await expect(ensureImages(['slow:1', 'no:1'], undefined, scene({}, {}, { pull }))).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    message: 'the image no:1 cannot be found',
  });
  expect(ended).toEqual(['slow:1']);
});

test('Ctrl+C while images come says that nothing was started', async () => {
  const abort = new AbortController();
  const pull: DockerApi['pull'] = async (_name, _progress, signal) => {
    abort.abort(new Error('SIGINT'));
    signal.throwIfAborted();
  };
  await expect(ensureImages(['a:1'], undefined, scene({}, { signal: abort.signal }, { pull }))).rejects.toMatchObject({
    code: 'INTERRUPTED',
    exit: 130,
    message: expect.stringContaining('nothing was started') as unknown,
  });
});

test('our image is built on its base, which is fetched first; not again while its files are the same', async () => {
  const built: unknown[] = [];
  const images: Record<string, ImageInfo> = {};
  const build: DockerApi['build'] = async (_context, options) => {
    built.push(options);
    images[OWN_IMAGE] = { ...HERE, labels: options.labels };
  };
  const options = scene(images, {}, { build });
  await ensureImages([OWN_IMAGE], BUNDLE, options);
  expect(options.pulled).toEqual(['node:24-slim']);
  expect(built).toMatchObject([
    { tag: OWN_IMAGE, args: { NODE_IMAGE: 'node:24-slim' }, labels: { 'dev.mcpgw.content': 'content' } },
  ]);
  await ensureImages([OWN_IMAGE], BUNDLE, options);
  expect(built).toHaveLength(1);
  await ensureImages([OWN_IMAGE], { ...BUNDLE, hash: 'other' }, options);
  expect(built).toHaveLength(2);
});

const downloading = (id: string, current: number, total: number): ProgressLine => ({
  id,
  status: 'Downloading',
  progressDetail: { current, total },
});

test('bytes of layers that two images share are counted once', () => {
  const progress = countPull(['a', 'b']);
  progress.take('a', downloading('layer1', 1_000_000, 4_000_000));
  progress.take('b', downloading('layer1', 2_000_000, 4_000_000));
  progress.take('b', downloading('layer2', 500_000, 6_000_000));
  expect(progress.summary()).toBe('2.5 of 10.0 MB, 0 of 2 images');
  progress.take('a', { id: 'layer1', status: 'Pull complete', progressDetail: {} });
  progress.done('a');
  expect(progress.summary()).toBe('4.5 of 10.0 MB, 1 of 2 images');
});
