import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { bindMounts, type HandWritten, type NamedText } from '../adopt/index.ts';
import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import { CONFIG_TARGET, gatewayServiceOf, parseEnvFile, parseYaml } from '../project/index.ts';
import { COMPOSE_FILE, CONFIG_FILE, ENV_FILE } from '../project/paths.ts';
import { systemError } from '../system-error.ts';
import { COMPOSES, CONFIGS } from './lint-files.ts';

export interface FolderOptions {
  config?: string;
  compose?: string;
}

/** Reads a folder written by hand: the compose file under the names that Compose knows, and the configuration that it mounts. */
export async function readHandWritten(ctx: Ctx, folder: string, options: FolderOptions): Promise<HandWritten> {
  const composePath = options.compose === undefined ? firstThere(folder, COMPOSES) : resolve(ctx.cwd, options.compose);
  if (composePath === undefined) throw nothing(folder, 'compose file', COMPOSES, '--compose path/to/compose.yaml');
  const compose = await named(folder, composePath, '--compose');
  const env = await readOptional(join(folder, ENV_FILE));
  const variables = { ...parseEnvFile(env ?? ''), ...ctx.env };
  const mounted = bindMounts(compose.text, { folder, variables }).find(
    ({ target }) => target === CONFIG_TARGET,
  )?.source;
  const configPath =
    options.config === undefined ? (mounted ?? firstThere(folder, CONFIGS)) : resolve(ctx.cwd, options.config);
  if (configPath === undefined)
    throw nothing(folder, 'Pomerium configuration', CONFIGS, '--config path/to/config.yaml');
  const config = await named(folder, configPath, '--config');
  assertFree(folder, config.name, CONFIG_FILE);
  assertFree(folder, compose.name, COMPOSE_FILE);
  const [envExample, gitignore] = await Promise.all(
    ['.env.example', '.gitignore'].map(async (name) => readOptional(join(folder, name))),
  );
  return {
    folder,
    title: basename(folder),
    config,
    compose,
    ...(env === undefined ? {} : { env }),
    ...(envExample === undefined ? {} : { envExample }),
    ...(gitignore === undefined ? {} : { gitignore }),
    hasReadme: ['README.md', 'README', 'readme.md', 'README.rst'].some((name) => existsSync(join(folder, name))),
    variables,
    gatewayEnvFile: await readEnvFiles(folder, compose),
    exists: (path) => existsSync(path),
  };
}

/** Whether a folder's compose file is one of mcpgw's already. */
export async function isAdopted(ctx: Ctx, folder: string, { compose }: FolderOptions): Promise<boolean> {
  const path = compose === undefined ? firstThere(folder, COMPOSES) : resolve(ctx.cwd, compose);
  const text = path === undefined ? undefined : await readOptional(path);
  return /^['"]?x-mcpgw['"]?\s*:/m.test(text ?? '');
}

/** Later files beat earlier ones. Compose specification, env_file. */
async function readEnvFiles(folder: string, { name, text }: NamedText): Promise<Record<string, string>> {
  const { services } = (parseYaml(text, name).data ?? {}) as { services?: Record<string, { env_file?: unknown }> };
  const gateway = services?.[gatewayServiceOf({ services })];
  const files = [gateway?.env_file ?? []].flat() as unknown[];
  const texts = files.map(async (file) => {
    const path = typeof file === 'string' ? file : String((file as { path?: unknown }).path);
    return parseEnvFile((await readOptional(resolve(folder, path))) ?? '');
  });
  return Object.assign({}, ...(await Promise.all(texts))) as Record<string, string>;
}

function firstThere(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((file) => existsSync(file));
}

async function named(folder: string, path: string, flag: string): Promise<NamedText> {
  const name = relative(folder, path);
  if (name.startsWith('..')) {
    throw new CliError({
      code: 'ADOPT_OUTSIDE',
      message: `${path} is not in ${folder}`,
      why: 'a project is one folder with all of its files',
      fix: `copy it there, or name another one with ${flag}`,
    });
  }
  const text = await readOptional(path);
  if (text !== undefined) return { name, text };
  throw new CliError({
    code: 'NO_CONFIGURATION',
    message: `${name} is not there`,
    fix: `mcpgw adopt ${flag} path/to/the/file`,
  });
}

/** Undefined when it is not there. */
async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw systemError(error) ?? error;
  }
}

function assertFree(folder: string, name: string, wanted: string): void {
  if (name === wanted || !existsSync(join(folder, wanted))) return;
  throw new CliError({
    code: 'ADOPT_NAME_TAKEN',
    message: `${name} would become ${wanted}, and there is a ${wanted} already`,
    why: `a project’s file has that name, and nothing here says what the other one is for: ${name} is what runs`,
    fix: `mv ${wanted} ${wanted}.old    # or remove it; then mcpgw adopt again`,
  });
}

function nothing(folder: string, what: string, names: readonly string[], flag: string): CliError {
  return new CliError({
    code: 'NO_CONFIGURATION',
    message: `there is no ${what} in ${folder}`,
    why: `looked for ${names.join(', ')}`,
    fix: `mcpgw adopt ${flag}`,
  });
}
