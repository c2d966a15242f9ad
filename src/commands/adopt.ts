import { join, resolve } from 'node:path';
import { floatingImage, findGateway, LICENCE, planAdoption, type Adoption, type HandWritten } from '../adopt/index.ts';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { maskSecrets, maskValues, parseEnvFile, readTemplates, withLock, writeTogether } from '../project/index.ts';
import { ENV_FILE } from '../project/paths.ts';
import { generateSecrets, unifiedDiff } from '../scaffold/index.ts';
import { gitNotes } from './adopt-git.ts';
import { isAdopted, readHandWritten } from './adopt-folder.ts';

export interface AdoptOptions {
  folder?: string;
  config?: string;
  compose?: string;
  domain?: string;
  address?: string;
  /** `--no-pin`: false. */
  pin?: boolean;
  yes?: boolean;
  dryRun?: boolean;
}

export interface AdoptionPlan extends Omit<Adoption, 'texts'> {
  folder: string;
  /** Secrets are masked; files whose whole text is new, and no news, have no difference. */
  files: { path: string; diff: string }[];
  git: string[];
}

export type AdoptResult =
  /** It is a project already. */
  | { kind: 'unchanged'; folder: string }
  /** `planned`: --dry-run. `declined`: the question was answered with no. */
  | ({ kind: 'adopted' | 'planned' | 'declined' } & AdoptionPlan);

/** Makes a project of what stands in a folder: one plan, shown, then written as a whole or not at all. */
export async function run(ctx: Ctx, options: AdoptOptions): Promise<AdoptResult> {
  const folder = resolve(ctx.cwd, options.folder ?? '.');
  if (await isAdopted(ctx, folder, options)) return { kind: 'unchanged', folder };
  if (!options.yes && !options.dryRun && !ctx.interactive)
    throw usage('adopt changes files, and has to be confirmed', 'mcpgw adopt --yes    # or --dry-run');
  const found = await readHandWritten(ctx, folder, options);
  const pin = await wantsPin(ctx, found, options);
  const wishes = { ...addressOf(options), ...(options.domain ? { domain: options.domain } : {}), pin };
  const adoption = planAdoption(found, wishes, generateSecrets(), await readTemplates());
  const plan = await describe(ctx, folder, adoption);
  if (options.dryRun) return { kind: 'planned', ...plan };
  if (!options.yes && !(await agrees(ctx, plan))) return { kind: 'declined', ...plan };
  await withLock(folder, { what: 'mcpgw adopt', signal: ctx.signal }, async () => write(folder, adoption));
  return { kind: 'adopted', ...plan };
}

export { adoptScreen as screen } from '../ui/screens/adopt.ts';

function addressOf({ address }: AdoptOptions): { address?: 'local' | 'public' } {
  if (address === undefined) return {};
  if (address === 'local' || address === 'public') return { address };
  throw usage(`--address: \`${address}\` is not one of local, public`, 'mcpgw adopt --address local');
}

async function wantsPin(ctx: Ctx, found: HandWritten, { pin, yes, dryRun }: AdoptOptions): Promise<boolean> {
  if (pin === false) return false;
  const named = floatingImage(found.compose.text, findGateway(found), found.variables);
  if (named === undefined || yes || dryRun || !ctx.interactive) return true;
  ctx.note(`${LICENCE}.`);
  return ctx.prompt.confirm({ message: `${named} is another image every day. Pin it to v0.33.1?`, default: true });
}

async function describe(ctx: Ctx, folder: string, { texts, ...plan }: Adoption): Promise<AdoptionPlan> {
  const before = (name: string): string => plan.renamed.find(({ to }) => to === name)?.from ?? name;
  const textBefore = (name: string): string => texts.find((one) => one.name === before(name))?.before ?? '';
  const moved = secretsIn(texts.find(({ name }) => name === ENV_FILE)?.after ?? '');
  const files = texts
    .filter(({ after }) => after !== undefined)
    .map(({ name, after = '', isPrivate }) => {
      const mask = isPrivate || name.startsWith('.env') ? maskValues : maskSecrets;
      const [old, now] = [textBefore(name), after].map((text) => withoutValues(mask(text), moved));
      const diff = unifiedDiff(old ?? '', now ?? '', { before: before(name), after: name });
      return { path: name, diff: ['README.md', '.env.example'].includes(name) ? '' : diff };
    });
  const known = texts.filter((one) => one.before !== undefined).map(({ name }) => name);
  const movesSecrets = texts.some(
    ({ before: old, isPrivate }) => !isPrivate && moved.some((one) => old?.includes(one)),
  );
  const git = known.length === 0 ? [] : await gitNotes(ctx, folder, { files: known, movesSecrets });
  return { ...plan, folder, files, git };
}

/** Whatever they are called where they stood: what goes to .env is not shown. */
function secretsIn(env: string): string[] {
  const values = Object.entries(parseEnvFile(env)).filter(([name]) => !name.endsWith('_IMAGE'));
  return values.map(([, value]) => value).filter((value) => value.length > 5);
}

function withoutValues(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '********'), text);
}

async function agrees(ctx: Ctx, plan: AdoptionPlan): Promise<boolean> {
  const [{ adoptionText }, { styleFor }] = await Promise.all([
    import('../ui/screens/adopt.ts'),
    import('../ui/colour.ts'),
  ]);
  ctx.note(adoptionText(plan, styleFor(ctx.stderr, ctx.env)));
  return ctx.prompt.confirm({ message: `Write all of this in ${plan.folder}?`, default: true });
}

/** The compose file goes last: it is what makes the folder a project. */
async function write(folder: string, { texts }: Adoption): Promise<void> {
  await writeTogether(
    texts.map(({ name, before, after, isPrivate }) => ({
      file: join(folder, name),
      before,
      after,
      ...(isPrivate ? { mode: 0o600 } : {}),
    })),
  );
}
