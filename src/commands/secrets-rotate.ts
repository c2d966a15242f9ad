import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import {
  findSecrets,
  loadProject,
  noteRotation,
  replaceInEnv,
  withLock,
  type FoundSecret,
  type Project,
} from '../project/index.ts';
import { generateSecrets } from '../scaffold/index.ts';
import { requireProject } from '../stack/index.ts';
import { accountOf, givenByOthers, isRotatable, ROTATABLE, type RotatableName } from './secrets-account.ts';

export interface RotateOptions {
  names?: string[];
  yes?: boolean;
  dryRun?: boolean;
}

export interface RotateResult {
  /** `kept`: somebody said no. */
  kind: 'planned' | 'rotated' | 'kept';
  secrets: { name: string; ends: string }[];
  notes: string[];
}

/** Gives secrets new values, after a plain account of what that ends. They are in force with the next `mcpgw up`. */
export async function rotate(ctx: Ctx, options: RotateOptions): Promise<RotateResult> {
  const folder = await requireProject(ctx.cwd);
  return withLock(folder, { what: 'mcpgw secrets rotate', signal: ctx.signal }, async () => {
    const project = await loadProject(folder, ctx.env);
    const found = await findSecrets(project, ctx.env);
    const names = chooseNames(options.names ?? [], found, project);
    assertNotOverridden(names, found);
    const result: RotateResult = {
      kind: 'planned',
      secrets: names.map((name) => ({ name, ends: accountOf(name).ends })),
      notes: notesOf(names, project),
    };
    if (options.dryRun) return result;
    if (!(await isConfirmed(ctx, options, result))) return { ...result, kind: 'kept' };
    await carryOut(ctx, project, names, found);
    return { ...result, kind: 'rotated' };
  });
}

/** Those that were named; all that are ours to make when none was. */
function chooseNames(wanted: readonly string[], found: readonly FoundSecret[], project: Project): RotatableName[] {
  const here = found.map(({ name }) => name);
  if (wanted.length === 0) return ROTATABLE.filter((name) => here.includes(name) && isOurs(name, project));
  return [...new Set(wanted)].map((name) => {
    if (!here.includes(name)) throw unknownSecret(name, here);
    const why = givenByOthers(name, project.settings);
    if (why !== undefined || !isRotatable(name)) throw notOurs(name, why ?? '');
    return name;
  });
}

function isOurs(name: RotatableName, { settings }: Project): boolean {
  return givenByOthers(name, settings) === undefined;
}

function notesOf(names: readonly RotatableName[], { settings }: Project): string[] {
  return settings.engine === 'embedded' && names.includes('POSTGRES_PASSWORD')
    ? ['the embedded engine has no database; one that containers of this project left behind keeps its password']
    : [];
}

/** A database whose new password only .env knows, while the gateway goes by the shell, would lock the gateway out. */
function assertNotOverridden(names: readonly RotatableName[], found: readonly FoundSecret[]): void {
  const set = found.filter(({ name, overridden }) => overridden && names.some((one) => one === name));
  if (set.length === 0) return;
  const list = set.map(({ name }) => name).join(' ');
  throw new CliError({
    code: 'SECRET_OVERRIDDEN',
    message: `${list} is set in this shell, which beats .env: a new value there would not count`,
    fix: `unset ${list}, then run the command again`,
  });
}

async function isConfirmed(ctx: Ctx, { yes }: RotateOptions, { secrets, notes }: RotateResult): Promise<boolean> {
  if (yes) return true;
  const names = secrets.map(({ name }) => name).join(' ');
  if (!ctx.interactive)
    throw usage('a rotation ends sessions, and has to be confirmed', `mcpgw secrets rotate ${names} --yes`);
  for (const { name, ends } of secrets) ctx.note(`${name} ends ${ends}`);
  for (const note of notes) ctx.note(`! ${note}`);
  return ctx.prompt.confirm({
    message: `Give ${secrets.length === 1 ? names : `${secrets.length} secrets`} a new value?`,
    default: false,
  });
}

/** The database first: a password that only .env knows would lock the gateway out. */
async function carryOut(
  ctx: Ctx,
  project: Project,
  names: readonly RotatableName[],
  found: readonly FoundSecret[],
): Promise<void> {
  const fresh = generateSecrets();
  const values = Object.fromEntries(names.map((name) => [name, fresh[name]]));
  const before = await readFile(project.paths.env, 'utf8');
  const after = replaceInEnv(before, values);
  const password = values['POSTGRES_PASSWORD'];
  const isInDocker = project.settings.engine === 'docker' && password !== undefined;
  const setPassword = async (value: string): Promise<void> => {
    const { changeDatabasePassword } = await import('../stack/docker/database-password.ts');
    await changeDatabasePassword(project, value, ctx.env);
  };
  if (isInDocker) await setPassword(password);
  try {
    await writeFileAtomic(project.paths.env, after, 0o600);
  } catch (error) {
    const old = project.secrets['POSTGRES_PASSWORD'];
    if (isInDocker && old !== undefined) await setPassword(old);
    throw error;
  }
  await noteRotation(project, found, names, ctx.now());
}

function unknownSecret(name: string, here: readonly string[]): CliError {
  const close = nearest(name, here);
  return new CliError({
    code: 'NO_SUCH_SECRET',
    message: `there is no secret \`${name}\` in .env${close ? `; did you mean \`${close}\`?` : ''}`,
    why: `there are ${here.join(', ')}`,
    fix: close ? `mcpgw secrets rotate ${close}` : 'mcpgw secrets list',
  });
}

function notOurs(name: string, why: string): CliError {
  return new CliError({
    code: 'SECRET_NOT_OURS',
    message: `mcpgw cannot make a new ${name}`,
    why,
    fix: `edit ${name} in .env, then: mcpgw up`,
  });
}
