import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { migrate, type Migration } from '../migrate/index.ts';
import { maskSecrets, writeTogether } from '../project/index.ts';
import { unifiedDiff } from '../scaffold/index.ts';
import { readLintFiles } from './lint-files.ts';

export interface MigrateOptions {
  config?: string;
  dryRun?: boolean;
  yes?: boolean;
}

export interface MigrateResult extends Omit<Migration, 'text'> {
  file: string;
  /** Empty when there is nothing to do. */
  diff: string;
  written: boolean;
}

/** Brings a configuration of an earlier Pomerium to today's syntax. */
export async function run(ctx: Ctx, options: MigrateOptions): Promise<MigrateResult> {
  const { path, config } = await readLintFiles(ctx, options);
  const { text, ...rest } = migrate(config.text, config.file);
  const diff = unifiedDiff(maskSecrets(config.text), maskSecrets(text), { before: config.file, after: config.file });
  const result = { ...rest, file: config.file, diff };
  if (diff === '' || options.dryRun) return { ...result, written: false };
  const agreed = options.yes === true || (await agree(ctx, result));
  if (agreed) await writeTogether([{ file: path, before: config.text, after: text }]);
  return { ...result, written: agreed };
}

export { migrateScreen as screen } from '../ui/screens/migrate.ts';

async function agree(ctx: Ctx, { file, diff, changes }: Omit<MigrateResult, 'written'>): Promise<boolean> {
  if (!ctx.interactive)
    throw usage('migrate changes a file, and has to be confirmed', 'mcpgw migrate --yes    # or --dry-run');
  for (const { what } of changes) ctx.note(what);
  ctx.note(diff);
  return ctx.prompt.confirm({ message: `Write this to ${file}?`, default: true });
}
