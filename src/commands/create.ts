import { join, relative } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import { addressesTaken, findPortHolder } from '../net/ports.ts';
import {
  parseEnvFile,
  placeFiles,
  planFiles,
  readExisting,
  readTemplates,
  type FilePlan,
  type NewFile,
} from '../project/index.ts';
import {
  authorityOf,
  generateSecrets,
  hostNames,
  missingOf,
  SAMPLE_DATABASE,
  scaffoldFiles,
  type Answers,
  type Secrets,
} from '../scaffold/index.ts';
import { shellWord } from '../shell-word.ts';
import { askForProject, type CreateAnswers, type CreateOptions } from './create-answers.ts';

export type { CreateOptions } from './create-answers.ts';

export interface CreatedFile {
  path: string;
  action: FilePlan['action'];
  /** With `keep`: from what is there to what would be written. */
  diff?: string;
  /** With `extend`: the names that were added. */
  added?: string[];
  /** With --dry-run: what would be written, secrets masked. */
  content?: string;
}

export interface CreateResult {
  /** `planned`: --dry-run, nothing was written. `compared`: the project was there already. */
  kind: 'created' | 'compared' | 'planned';
  /** Absolute. */
  folder: string;
  /** As to be given to `cd`; empty when the command ran inside. */
  enter: string;
  address: 'local' | 'public';
  engine: string;
  servers: { name: string; url: string }[];
  allow: Answers['allow'];
  /** `own`, `hosted` or a preset's name. */
  signIn: string;
  /** What is still to be filled in at a preset's provider. */
  missing: string[];
  /** Host names that need a DNS record; public projects only. */
  hosts: string[];
  files: CreatedFile[];
  notes: string[];
}

/** Makes a project folder, or shows how one differs from what would be made. */
export async function run(ctx: Ctx, options: CreateOptions): Promise<CreateResult> {
  const asked = await askForProject(ctx, options);
  const { folder, target, answers } = asked;
  const notes = [...asked.notes, ...(target.kind === 'project' ? [] : await checkPorts(ctx, asked, options))];
  const plans = await plan(folder, asked, options.dryRun === true);
  const files = plans.map((one) => describe(one, options.dryRun === true));
  if (options.dryRun !== true) await apply(ctx, folder, plans);
  return {
    kind: options.dryRun === true ? 'planned' : target.kind === 'project' ? 'compared' : 'created',
    folder,
    enter: relative(ctx.cwd, folder),
    address: answers.address,
    engine: answers.engine,
    servers: answers.servers.map((name) => ({ name, url: `https://${name}.${authorityOf(answers)}` })),
    allow: answers.allow,
    ...signInOf(answers),
    hosts: answers.address === 'public' ? hostNames(answers) : [],
    files,
    notes,
  };
}

function signInOf({ signIn = 'own' }: Answers): Pick<CreateResult, 'signIn' | 'missing'> {
  if (typeof signIn === 'object') return { signIn: signIn.preset.name, missing: missingOf(signIn) };
  return {
    signIn,
    missing: signIn === 'own' ? ['YOUR-... in pomerium-config.yaml', 'IDP_CLIENT_SECRET in .env'] : [],
  };
}

export { createScreen as screen } from '../ui/screens/create.ts';

/** The sample database is no text: it is made when it is missing, and never compared. */
type Plan = FilePlan | { path: string; action: 'write'; make: (file: string) => Promise<void> };

async function plan(folder: string, { answers, clientSecret }: CreateAnswers, masked: boolean): Promise<Plan[]> {
  const templates = await readTemplates();
  const secrets = { ...generateSecrets(), ...(clientSecret ? { IDP_CLIENT_SECRET: clientSecret } : {}) };
  const paths = scaffoldFiles(answers, secrets, templates).map((file) => file.path);
  const existing = await readExisting(folder, paths);
  const wanted = scaffoldFiles(
    answers,
    { ...(masked ? mask(secrets) : secrets), ...secretsOf(existing.get('.env')) },
    templates,
  );
  const plans: Plan[] = planFiles(wanted, existing);
  if (!answers.servers.includes('sqlite')) return plans;
  const hasDatabase = (await readExisting(folder, [SAMPLE_DATABASE])).size > 0;
  return [
    ...plans,
    hasDatabase
      ? { path: SAMPLE_DATABASE, action: 'same' }
      : { path: SAMPLE_DATABASE, action: 'write', make: makeDatabase },
  ];
}

async function makeDatabase(file: string): Promise<void> {
  const { createSampleDatabase } = await import('../servers/sample-database.ts');
  await createSampleDatabase(file);
}

/** Secrets that a project has are kept: new ones would end every session. */
function secretsOf(envText: string | undefined): Partial<Secrets> {
  return Object.fromEntries(Object.entries(parseEnvFile(envText ?? '')).filter(([, value]) => value !== ''));
}

function mask(secrets: Secrets): Secrets {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, '********'])) as unknown as Secrets;
}

function describe(one: Plan, withContent: boolean): CreatedFile {
  const { path, action } = one;
  if (action === 'keep') return { path, action, diff: one.diff };
  if (action === 'extend') return { path, action, added: one.added };
  if (action === 'write' && 'file' in one && withContent) return { path, action, content: one.file.content };
  return { path, action };
}

async function apply(ctx: Ctx, folder: string, plans: readonly Plan[]): Promise<void> {
  const news = plans.flatMap((one): NewFile[] => {
    if (one.action !== 'write') return [];
    return 'file' in one ? [one.file] : [{ path: one.path, mode: 0o644, make: one.make }];
  });
  if (news.length > 0) await placeFiles(folder, news, ctx.signal);
  for (const one of plans)
    if (one.action === 'extend') await writeFileAtomic(join(folder, one.path), one.content, 0o600);
}

/** Refuses busy ports of this machine. A public project may be meant for another machine, so there it is only told. */
async function checkPorts(ctx: Ctx, asked: CreateAnswers, options: CreateOptions): Promise<string[]> {
  const { folder, answers } = asked;
  const { address, port, idpPort } = answers;
  if (address === 'public') {
    const taken = (await addressesTaken(port)).length > 0;
    return taken
      ? [`port ${port} is held here by ${await holderOf(port)}; the gateway needs it on the machine where it runs`]
      : [];
  }
  const wanted = [
    ['port', port],
    ['idpPort', idpPort],
  ] as const;
  for (const [name, number] of wanted) {
    if ((await addressesTaken(number)).length === 0) continue;
    throw new CliError({
      code: 'PORT_BUSY',
      message: `port ${number} is held by ${await holderOf(number)}`,
      why: 'the port becomes part of every URL of the project; nothing was written',
      fix: `stop that program, or take another port:\n${commandOf({ ...options, folder: relative(ctx.cwd, folder) || '.', [name]: await nextFree(number, [port, idpPort]) })}`,
      details: { port: number, folder },
    });
  }
  return [];
}

/** The command line that says the same again, so that no answer has to be given twice. */
function commandOf({ folder = '.', yes, port, idpPort, servers, ...others }: CreateOptions): string {
  const texts = {
    address: others.address,
    domain: others.domain,
    port,
    'idp-port': idpPort,
    servers,
    allow: others.allow,
  };
  const flags = Object.entries({ ...texts, engine: others.engine }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(String(value))}`],
  );
  return ['mcpgw create', shellWord(folder), ...(yes ? ['--yes'] : []), ...flags].join(' ');
}

async function holderOf(port: number): Promise<string> {
  const holder = await findPortHolder(port);
  return holder ? `${holder.command} (pid ${holder.pid})` : 'another program';
}

async function nextFree(port: number, taken: readonly number[]): Promise<number> {
  const start = port + 1000 > 65_000 ? 20_000 : port + 1000;
  for (let candidate = start; candidate < start + 50; candidate += 1) {
    if (!taken.includes(candidate) && (await addressesTaken(candidate)).length === 0) return candidate;
  }
  return start;
}
