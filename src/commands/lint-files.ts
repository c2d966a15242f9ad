import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import type { SubjectTexts } from '../lint/index.ts';
import { findProject, parseEnvFile } from '../project/index.ts';
import { systemError } from '../system-error.ts';

/** Names under which a Pomerium configuration is met, ours first. */
export const CONFIGS = ['pomerium-config.yaml', 'pomerium.yaml', 'config.yaml', 'pomerium/config.yaml'];
/** In the order in which Compose looks. */
export const COMPOSES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

export interface FilesToRead {
  config?: string;
  compose?: string;
}

export interface LintFiles extends Pick<SubjectTexts, 'config' | 'compose' | 'variables' | 'exists'> {
  /** Absolute path of the configuration. */
  path: string;
}

/** The configuration that is meant, and the compose file and .env beside it. Throws NO_CONFIGURATION when there is none. */
export async function readLintFiles(ctx: Ctx, { config, compose }: FilesToRead): Promise<LintFiles> {
  const path = config === undefined ? await findConfiguration(ctx) : resolve(ctx.cwd, config);
  const folder = dirname(path);
  const name = config ?? basename(path);
  const composePath = compose === undefined ? firstThere(folder, COMPOSES) : resolve(ctx.cwd, compose);
  const env = await readFile(join(folder, '.env'), 'utf8').catch(() => '');
  const composeName = compose ?? (composePath === undefined ? '' : basename(composePath));
  return {
    path,
    config: { file: name, text: await readText(path, name) },
    ...(composePath === undefined
      ? {}
      : {
          compose: {
            file: composeName,
            text: await readText(composePath, composeName),
            folder: dirname(composePath),
          },
        }),
    variables: { ...parseEnvFile(env), ...ctx.env },
    exists: (file) => existsSync(file),
  };
}

async function findConfiguration(ctx: Ctx): Promise<string> {
  const project = await findProject(ctx.cwd);
  const found = firstThere(project ?? ctx.cwd, CONFIGS);
  if (found !== undefined) return found;
  throw new CliError({
    code: 'NO_CONFIGURATION',
    message: `there is no Pomerium configuration in ${ctx.cwd}`,
    why: `looked for ${CONFIGS.join(', ')}`,
    fix: 'mcpgw lint --config path/to/config.yaml',
  });
}

function firstThere(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((file) => existsSync(file));
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR') throw systemError(cause) ?? cause;
    throw new CliError({
      code: 'NO_CONFIGURATION',
      message: code === 'EISDIR' ? `${name} is a folder and should be a file` : `${name} is not there`,
      ...(code === 'EISDIR' ? { why: 'Compose makes a folder where a file that it is to mount is missing' } : {}),
      fix: 'mcpgw lint --config path/to/config.yaml',
      cause,
    });
  }
}
