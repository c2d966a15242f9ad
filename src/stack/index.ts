import type { Ctx } from '../context.ts';
import { readFile } from 'node:fs/promises';
import { projectPaths } from '../project/index.ts';
import type { ProjectSettings } from '../project/index.ts';
import type { Engine } from './engine.ts';

export { assertStartable } from './assert-startable.ts';
export { optionsOrThrow, place } from './config-error.ts';
export { exitOfStatus } from './engine.ts';
export { errorFailure, hotReload, problemFailure, type Attempt } from './hot-reload.ts';
export { requireProject, requireProjectOrTraces } from './require-project.ts';
export { showProgress } from './show-progress.ts';
export type { Applied, ApplyOptions, Engine, Plan, ProgressEvent, PullPolicy, StackStatus, Stopped } from './engine.ts';

/** The engine that a project names. Without settings, because its files cannot be read, it is the one that may be running here. */
export async function openEngine(
  folder: string,
  settings: Pick<ProjectSettings, 'engine'> | undefined,
  ctx: Pick<Ctx, 'env' | 'program' | 'now'>,
): Promise<Engine> {
  const name = settings?.engine ?? (await engineInUse(folder));
  if (name === 'native') return new (await import('./native/index.ts')).NativeEngine(folder, ctx);
  if (name === 'embedded') return new (await import('./embedded/index.ts')).EmbeddedEngine(folder, ctx);
  return new (await import('./docker/index.ts')).DockerEngine(folder, ctx);
}

/** The engine that runs a folder's project, as far as its traces tell: what is to be stopped may have lost its files. */
async function engineInUse(folder: string): Promise<ProjectSettings['engine']> {
  const { engineFile, compose, state } = projectPaths(folder);
  const [embedded, text, docker] = await Promise.all(
    [engineFile, compose, `${state}/docker.json`].map(async (file) => readFile(file, 'utf8').catch(() => undefined)),
  );
  if (embedded !== undefined) return 'embedded';
  const named = /^\s+engine:\s*["']?(docker|embedded|native)\b/m.exec(text ?? '')?.[1];
  if (named === 'docker' || named === 'native') return named;
  return named === undefined && docker !== undefined ? 'docker' : 'embedded';
}
