import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../atomic-file.ts';
import type { ComposeModel } from './compose-model.ts';

/** What the last `up` knew, for what containers cannot tell. */
export interface DockerState {
  version: 1;
  /** Compose's project, for `down` when the files are gone. */
  project: string;
  /** Of everything that Compose reads: while it is the same, Compose need not be asked. */
  compose: string;
  /** What Compose read then, without the values of variables. */
  model?: ComposeModel;
  /** Of pomerium-config.yaml, as the gateway took it. */
  config: string;
  /** Of the volumes, made up with them: tokens from before are of no use to new ones. */
  data: string;
  /** Tools that each route listed, by its URL. */
  tools: Record<string, number>;
}

const FILE = 'docker.json';

export async function readState(folder: string): Promise<DockerState | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '');
  try {
    const state = JSON.parse(text) as Partial<DockerState>;
    return state.version === 1 && typeof state.project === 'string'
      ? ({ tools: {}, ...state } as DockerState)
      : undefined;
  } catch {
    return undefined;
  }
}

export async function writeState(folder: string, state: DockerState): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(state, null, 2)}\n`, 0o600);
}

export async function removeState(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}

export function digestOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
