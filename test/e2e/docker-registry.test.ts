import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectDocker } from '../../src/stack/docker/docker-api.ts';
import { findEndpoint } from '../../src/stack/docker/endpoint.ts';
import { ensureImages } from '../../src/stack/docker/images.ts';
import type { PullPolicy } from '../../src/stack/engine.ts';
import { dockerReady } from '../docker/engine.ts';
import { startRegistry, type Registry } from '../docker/registry.ts';
import { dockerProject } from '../helpers/docker-project.ts';
import { PROGRAM, runProgram } from '../helpers/program.ts';

/** A real Docker Engine pulls from a registry on this machine, which does what registries do on bad days. */

const ready = await dockerReady();
const WAIT = { timeout: 20_000, interval: 50 };

beforeEach(({ skip }) => {
  if (!ready.ok) skip(ready.reason);
});

async function registry(): Promise<Registry> {
  const one = await startRegistry();
  onTestFinished(async () => one.close());
  return one;
}

interface Fetching {
  done: Promise<void>;
  told: string[];
  abort: () => void;
}

async function fetchImages(
  names: readonly string[],
  { policy = 'missing', pauses = [1, 1, 1] }: { policy?: PullPolicy; pauses?: readonly number[] } = {},
): Promise<Fetching> {
  const api = connectDocker(await findEndpoint(process.env));
  const controller = new AbortController();
  const told: string[] = [];
  const done = ensureImages(names, undefined, {
    api,
    cli: { cwd: '/', env: process.env },
    policy,
    pauses,
    signal: controller.signal,
    report: ({ state, text }) => void told.push(`${state} ${text}`),
  });
  onTestFinished(async () => {
    controller.abort();
    await done.catch(() => undefined);
    for (const name of names) await runProgram('docker', ['image', 'rm', '--force', name], { cwd: '/' });
  });
  return { done, told, abort: () => controller.abort() };
}

async function isHere(name: string): Promise<boolean> {
  return (await runProgram('docker', ['image', 'inspect', name], { cwd: '/' })).code === 0;
}

describe('images from a registry', () => {
  test('a pull tells bytes and images, and ends with what came', async () => {
    const { host } = await registry();
    const { done, told } = await fetchImages([`${host}/good:1`]);
    await done;
    expect(told.at(-1)).toBe(`ready pulled ${host}/good:1`);
    expect(told.filter((line) => /^working \d\.\d of 6\.0 MB, [01] of 1 image$/.test(line)).length).toBeGreaterThan(1);
    expect(await isHere(`${host}/good:1`)).toBe(true);
  });

  test('Ctrl+C in mid-pull ends the download at the registry; a second run completes it', async () => {
    const one = await registry();
    const name = `${one.host}/held:1`;
    const first = await fetchImages([name]);
    await vi.waitFor(() => expect(first.told.join()).toMatch(/\d\.\d of 6\.0 MB/), WAIT);
    first.abort();
    await expect(first.done).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
    await vi.waitFor(() => expect(one.open()).toBe(0), WAIT);
    expect(await isHere(name)).toBe(false);
    one.release();
    await (
      await fetchImages([name])
    ).done;
    expect(await isHere(name)).toBe(true);
  });

  test('a rate limit is waited out, and named when it lasts', async () => {
    const one = await registry();
    // Each try asks twice: the engine, then the docker CLI with the user's credentials.
    one.limit = 5;
    const { done, told } = await fetchImages([`${one.host}/limited:1`]);
    await done;
    expect(told.filter((line) => line.includes('rate limit; trying again')).length).toBeGreaterThan(0);
    one.limit = 1_000;
    const again = await fetchImages([`${one.host}/limited:2`]);
    await expect(again.done).rejects.toMatchObject({ code: 'REGISTRY_LIMIT' });
  });

  test.each([
    ['absent:1', 'IMAGE_NOT_FOUND'],
    ['private:1', 'IMAGE_NOT_FOUND'],
    ['arm:1', 'WRONG_ARCHITECTURE'],
  ])('%s is told as %s', async (name, code) => {
    const { host } = await registry();
    const { done, told } = await fetchImages([`${host}/${name}`]);
    await expect(done).rejects.toMatchObject({ code });
    expect(told.at(-1)).toBe('failed not complete; what was downloaded is kept');
  });

  test('without a registry: an error, or what is here already', async () => {
    const one = await startRegistry();
    const name = `${one.host}/good:1`;
    await (
      await fetchImages([name])
    ).done;
    await one.close();
    const always = await fetchImages([name], { policy: 'always' });
    await always.done;
    expect(always.told.join('\n')).toContain(`${name}: the registry cannot be reached; using what is here`);
    const other = await fetchImages([`${one.host}/good:2`]);
    await expect(other.done).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  });

  test('one image that cannot be had ends the download of the others', async () => {
    const one = await registry();
    const { done } = await fetchImages([`${one.host}/held:1`, `${one.host}/absent:1`]);
    await expect(done).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await vi.waitFor(() => expect(one.open()).toBe(0), WAIT);
  });
});

test('Ctrl+C while up pulls: exit 130, nothing was started, and the next up goes on', async ({ skip }) => {
  const scene = await dockerProject(skip, 'mid-pull');
  const one = await registry();
  const before = /^POSTGRES_IMAGE=(.*)$/m;
  let image = '';
  await scene.edit('.env', (text) => {
    image = before.exec(text)?.[1] ?? '';
    return text.replace(before, `POSTGRES_IMAGE=${one.host}/held:1`);
  });
  const env = { ...process.env, MCPGW_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  const child = spawn(process.execPath, [PROGRAM, 'up'], { cwd: scene.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close') as Promise<[number | null]>;
  await vi.waitFor(() => expect(one.open()).toBe(1), WAIT);
  child.kill('SIGINT');
  expect((await ended)[0], said).toBe(130);
  expect(said).toContain('stopped by Ctrl+C while images were fetched; nothing was started');
  expect(await scene.leftovers()).toEqual([]);
  await vi.waitFor(() => expect(one.open()).toBe(0), WAIT);

  await scene.edit('.env', (text) => text.replace(before, `POSTGRES_IMAGE=${image}`));
  expect(await scene.run('up')).toMatchObject({ code: 0 });
});
