import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unifiedDiff } from '../scaffold/index.ts';
import { maskSecrets } from './mask-secrets.ts';
import { COMPOSE_FILE, CONFIG_FILE, ENV_FILE } from './paths.ts';
import type { TextChange } from './write-together.ts';

const ENV_EXAMPLE = '.env.example';
const README = 'README.md';

/** The files of a project that `mcpgw add` and `mcpgw remove` change. */
export interface ProjectTexts {
  config: string;
  compose: string;
  env: string;
  /** These two are absent where somebody removed them. */
  envExample: string | undefined;
  readme: string | undefined;
}

export async function readTexts(folder: string): Promise<ProjectTexts> {
  const read = async (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const [config, compose, env] = await Promise.all([CONFIG_FILE, COMPOSE_FILE, ENV_FILE].map(read));
  const [envExample, readme] = await Promise.all(
    [ENV_EXAMPLE, README].map(async (name) =>
      read(name).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    ),
  );
  return { config: config ?? '', compose: compose ?? '', env: env ?? '', envExample, readme };
}

/**
 * What leads from one state of the files to another, in the order of writing: the route comes last, so that whatever interrupts it
 * leaves no route whose secret or service is missing.
 */
export function textChanges(folder: string, before: ProjectTexts, after: ProjectTexts): TextChange[] {
  const { envExample: exampleBefore = '', readme: readmeBefore = '', ...old } = before;
  const { envExample: exampleAfter = '', readme: readmeAfter = '', ...now } = after;
  const changes = [
    { file: ENV_FILE, before: old.env, after: now.env, mode: 0o600 },
    { file: ENV_EXAMPLE, before: exampleBefore, after: exampleAfter },
    { file: README, before: readmeBefore, after: readmeAfter },
    { file: COMPOSE_FILE, before: old.compose, after: now.compose },
    { file: CONFIG_FILE, before: old.config, after: now.config },
  ];
  return changes
    .filter((change) => change.before !== change.after)
    .map((change) => ({ ...change, file: join(folder, change.file) }));
}

/** The differences for the eyes: values of secrets are masked. */
export function diffTexts(before: ProjectTexts, after: ProjectTexts): { path: string; diff: string }[] {
  const diffs = [
    { path: CONFIG_FILE, diff: diff(CONFIG_FILE, before.config, after.config, maskSecrets) },
    { path: COMPOSE_FILE, diff: diff(COMPOSE_FILE, before.compose, after.compose, maskSecrets) },
    { path: ENV_FILE, diff: diff(ENV_FILE, before.env, after.env, maskValues) },
    { path: ENV_EXAMPLE, diff: diff(ENV_EXAMPLE, before.envExample ?? '', after.envExample ?? '', maskValues) },
    { path: README, diff: diff(README, before.readme ?? '', after.readme ?? '', maskSecrets) },
  ];
  return diffs.filter((one) => one.diff !== '');
}

function diff(path: string, before: string, after: string, mask: (text: string) => string): string {
  // Two secrets look the same when they are masked; that one was replaced is still to be seen.
  if (before !== after && mask(before) === mask(after)) return `--- ${path}\n+++ ${path}\n(another secret)`;
  return unifiedDiff(mask(before), mask(after), { before: path, after: path });
}

/** The text of a `.env` without its values, but for names of images. */
export function maskValues(text: string): string {
  return text.replace(/^([ \t]*(?:export[ \t]+)?(?!\w*_IMAGE\b)\w+[ \t]*=)[^\n\r]+/gm, '$1********');
}
