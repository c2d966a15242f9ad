import { chmod, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { staleFiles } from '../doctor/stale-files.ts';
import type { Configuration } from '../doctor/configuration.ts';
import { mendText } from '../lint/index.ts';
import { alignNames, maskSecrets, writeTogether, type Project } from '../project/index.ts';
import { unifiedDiff } from '../scaffold/index.ts';

/** One safe mend: what it does, in a line or as a diff, and the act. */
export interface Mend {
  text: string;
  apply: () => Promise<void>;
}

const PRIVATE = 0o600;
const OTHERS = 0o077;
const IGNORED = ['.env', '.mcpgw/'];

/** The keys of the configuration that have one right value, or no effect. */
export function mendConfiguration({ file, path, text, findings }: Configuration): Mend[] {
  const mended = mendText(text, findings).text;
  return change({ file, path, before: text, after: mended });
}

/** Everything else that can be mended without asking what is meant. */
export async function mendProject(project: Project): Promise<Mend[]> {
  const { folder, paths, composeText, parsed } = project;
  const aliases = parsed.options ? alignNames(composeText, parsed.options).text : composeText;
  return [
    ...change({ file: basename(paths.compose), path: paths.compose, before: composeText, after: aliases }),
    ...(await mendEnvMode(paths.env)),
    ...(await mendIgnored(folder)),
    ...(await staleFiles(paths)).map(({ file, what }) => ({
      text: `removes ${file}: ${what}`,
      apply: async () => rm(file, { force: true }),
    })),
  ];
}

function change({ file, path, before, after }: Record<'file' | 'path' | 'before' | 'after', string>): Mend[] {
  if (before === after) return [];
  const text = unifiedDiff(maskSecrets(before), maskSecrets(after), { before: file, after: file });
  return [{ text, apply: async () => writeTogether([{ file: path, before, after }]) }];
}

async function mendEnvMode(file: string): Promise<Mend[]> {
  const { mode } = await stat(file);
  if ((mode & OTHERS) === 0) return [];
  return [{ text: `makes ${file} readable for you alone (0600)`, apply: async () => chmod(file, PRIVATE) }];
}

async function mendIgnored(folder: string): Promise<Mend[]> {
  const path = join(folder, '.gitignore');
  const before = await readFile(path, 'utf8').catch(() => undefined);
  const lines = new Set((before ?? '').split('\n').map((line) => line.trim().replace(/^\/|\/$/g, '')));
  const missing = IGNORED.filter((name) => !lines.has(name.replace(/\/$/, '')));
  if (missing.length === 0) return [];
  const gap = before === undefined || before === '' || before.endsWith('\n') ? '' : '\n';
  const after = `${before ?? ''}${gap}${missing.join('\n')}\n`;
  const text = unifiedDiff(before ?? '', after, { before: '.gitignore', after: '.gitignore' });
  return [{ text, apply: async () => writeTogether([{ file: path, before, after }]) }];
}
