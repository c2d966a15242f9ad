import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { placeFiles, readTemplates } from '../../../src/project/index.ts';
import { generateSecrets, scaffoldFiles, type Answers } from '../../../src/scaffold/index.ts';

export const LOCAL: Answers = {
  title: 'my-gateway',
  address: 'local',
  domain: 'localhost',
  port: 8443,
  idpPort: 9080,
  engine: 'embedded',
  servers: ['whoami', 'sqlite'],
  allow: { kind: 'domain', domain: 'example.com' },
  version: '0.1.0',
};

/** A folder that is gone after the test; its name has a blank and an umlaut on purpose. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw prüfung-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A project as `create` writes it, with some of its files replaced. */
export async function temporaryProject(
  options: { answers?: Partial<Answers>; files?: Record<string, string> } = {},
): Promise<string> {
  const folder = join(await temporaryFolder(), 'my-gateway');
  const files = scaffoldFiles({ ...LOCAL, ...options.answers }, generateSecrets(), await readTemplates());
  await placeFiles(folder, files, new AbortController().signal);
  for (const [path, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, path), text);
  return folder;
}

/** What an action threw; fails when it threw nothing. */
export async function failureOf(action: Promise<unknown>): Promise<Record<string, unknown> & { message: string }> {
  try {
    await action;
  } catch (error) {
    return error as Record<string, unknown> & { message: string };
  }
  throw new Error('it did not fail');
}
