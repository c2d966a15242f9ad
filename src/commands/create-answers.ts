import { basename, resolve } from 'node:path';
import { ask } from '../ask.ts';
import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import {
  chooseLocalDomain,
  ENGINES,
  findProject,
  inspectTarget,
  readProjectSettings,
  type Lookup,
  type ProjectSettings,
  type Target,
} from '../project/index.ts';
import {
  IDENTITY_PROVIDERS,
  isLocalDomain,
  normaliseDomain,
  parseAllow,
  SERVERS,
  validateFolder,
  validatePublicDomain,
  type Answers,
  type IdentityProvider,
} from '../scaffold/index.ts';
import { findDocker, type DockerVerdict } from '../stack/find-docker.ts';
import { VERSION } from '../version.ts';
import { announce, chosenOf, providerNotes, savedSecret } from './create-provider.ts';
import { addressQuestions, folderQuestion, otherQuestions, providerQuestions } from './create-questions.ts';

export interface CreateOptions {
  folder?: string;
  yes?: boolean;
  address?: string;
  domain?: string;
  port?: number;
  idpPort?: number;
  servers?: string[];
  allow?: string;
  engine?: string;
  signIn?: string;
  idpUrl?: string;
  idpClientId?: string;
  dryRun?: boolean;
  /** Resolves names for the choice of a local domain; the system's resolver when left out. */
  lookup?: Lookup;
  /** Looks for Docker; this machine is searched when left out. */
  docker?: () => Promise<DockerVerdict>;
}

export interface CreateAnswers {
  /** Absolute. */
  folder: string;
  target: Target;
  answers: Answers;
  /** The client's secret at a chosen identity provider. */
  clientSecret?: string;
  notes: string[];
}

/** At most four prompts: folder, address, servers, who. Refuses a folder before it asks for more. */
export async function askForProject(ctx: Ctx, options: CreateOptions): Promise<CreateAnswers> {
  const asks = ctx.interactive && options.yes !== true;
  const settings = { yes: options.yes === true, command: 'mcpgw create' };
  const given: Record<string, unknown> = { ...options };
  given['folder'] ??= ctx.env['MCPGW_FOLDER'] || ((await findProject(ctx.cwd)) === ctx.cwd ? '.' : undefined);
  const whereQuestion = folderQuestion(asks || settings.yes);
  if (asks) Object.assign(given, await ask(ctx, [whereQuestion], given, {}, settings));

  const known = textOf({ folder: whereQuestion.default, ...withoutUndefined(given) }, 'folder');
  if (known !== undefined) assertFolder(known);
  const folder = known === undefined ? undefined : resolve(ctx.cwd, known);
  const target = folder === undefined ? undefined : assertUsable(await inspectTarget(folder), folder);
  const saved =
    folder !== undefined && target?.kind === 'project'
      ? { ...savedAnswers(await readProjectSettings(folder)), ...(await savedSecret(folder)) }
      : {};

  const isLocal = (given['address'] ?? (ctx.env['MCPGW_ADDRESS'] || saved['address'])) === 'local';
  const placeQuestions = addressQuestions(asks, isLocal);
  if (asks) Object.assign(given, await ask(ctx, placeQuestions, given, saved, settings));
  const isPublic = addressOf({ ...saved, ...withoutUndefined(given) }, ctx) === 'public';
  const isTold = (given['engine'] ?? (ctx.env['MCPGW_ENGINE'] || saved['engine'])) !== undefined;
  const engine = isPublic || isTold ? undefined : await chooseEngine(ctx, options);
  const questions = [whereQuestion, ...placeQuestions, ...otherQuestions(isPublic, saved['engine'], engine?.name)];
  const answers = await ask(ctx, questions, given, saved, settings);
  const provider = isPublic ? IDENTITY_PROVIDERS.find(({ name }) => name === answers['signIn']) : undefined;
  if (provider) {
    if (ctx.interactive && asks) announce(ctx, provider, answers);
    Object.assign(answers, await ask(ctx, providerQuestions(provider), given, saved, settings));
  }
  const { notes, ...chosen } = await toAnswers(ctx, answers, options.lookup, provider);
  if (engine) notes.unshift(engine.note);
  const path = resolve(ctx.cwd, String(answers['folder']));
  return {
    folder: path,
    target: target ?? assertUsable(await inspectTarget(path), path),
    answers: { title: basename(path), ...chosen },
    ...(provider && textOf(answers, 'idpClientSecret') ? { clientSecret: textOf(answers, 'idpClientSecret') } : {}),
    notes,
  };
}

/** What runs a local project when nobody says: Docker where it works, else this program alone. */
async function chooseEngine(
  ctx: Ctx,
  { docker = async () => findDocker(ctx.env) }: CreateOptions,
): Promise<{ name: 'docker' | 'embedded'; note: string }> {
  const verdict = await docker();
  if (verdict.usable)
    return { name: 'docker', note: 'engine: docker, which runs here; --engine embedded does without it' };
  return { name: 'embedded', note: `engine: embedded. Docker is not used, since ${verdict.why}` };
}

function assertFolder(text: string): void {
  const verdict = validateFolder(text);
  if (verdict !== true) throw usage(verdict, 'mcpgw create my-gateway');
}

function assertUsable(target: Target, folder: string): Target {
  if (target.kind === 'file') {
    throw new CliError({
      code: 'FOLDER_IS_FILE',
      message: `${folder} is a file, or lies below one`,
      fix: 'take another name',
    });
  }
  if (target.kind !== 'occupied') return target;
  const { entries } = target;
  const shown = entries.slice(0, 5).join(', ') + (entries.length > 5 ? `, and ${entries.length - 5} more` : '');
  throw new CliError({
    code: 'FOLDER_NOT_EMPTY',
    message: `${folder} has other content: ${shown}`,
    why: 'nothing was changed',
    fix: 'take a new folder, such as: mcpgw create my-gateway',
    details: { entries },
  });
}

function addressOf(values: Readonly<Record<string, unknown>>, ctx: Ctx): 'local' | 'public' {
  const address = values['address'] ?? ctx.env['MCPGW_ADDRESS'];
  if (address === 'public' || address === 'local') return address;
  const domain = normaliseDomain(textOf(values, 'domain') ?? (ctx.env['MCPGW_DOMAIN'] || 'local'));
  return domain === 'local' || isLocalDomain(domain) ? 'local' : 'public';
}

async function toAnswers(
  ctx: Ctx,
  values: Readonly<Record<string, unknown>>,
  lookup: Lookup | undefined,
  provider: IdentityProvider | undefined,
): Promise<Omit<Answers, 'title'> & { notes: string[] }> {
  const address = addressOf(values, ctx);
  const notes: string[] = [];
  let domain = normaliseDomain(textOf(values, 'domain') ?? 'local');
  if (address === 'public') {
    const verdict = validatePublicDomain(domain);
    if (verdict !== true)
      throw usage(`--domain <name>: ${verdict}`, 'mcpgw create my-gateway --domain mcp.example.com');
  } else if (domain === 'local') {
    const chosen = await chooseLocalDomain(lookup);
    domain = chosen.domain;
    notes.push(`names: *.${domain}; ${chosen.why}`);
  }
  const [port, idpPort] = [Number(values['port']), Number(values['idpPort'])];
  if (address === 'local' && port === idpPort)
    throw usage(`gateway and identity provider both have port ${port}`, '--idp-port 9080');
  const wanted = values['servers'] as string[];
  const servers = SERVERS.filter((name) => wanted.includes(name));
  if (servers.length === 0) throw usage('no MCP server was chosen', `--servers ${SERVERS.join(',')}`);
  const allow = parseAllow(String(values['allow']));
  if (typeof allow === 'string') throw usage(allow, '--allow anyone');
  const signIn = provider ? chosenOf(provider, values) : values['signIn'] === 'hosted' ? 'hosted' : 'own';
  if (allow.kind === 'group' && (signIn === 'hosted' || provider?.groups === false)) {
    const who = provider ? `${provider.title} sends no groups` : 'Pomerium’s hosted sign-in knows no groups';
    throw usage(who, '--allow @example.com, or --sign-in own');
  }
  if (provider) notes.push(...providerNotes(provider, allow.kind === 'group'));
  const engine = ENGINES.find((name) => name === values['engine']) ?? 'embedded';
  return { address, domain, port, idpPort, servers, allow, signIn, engine, version: VERSION, notes };
}

/** What the project was made from: flags still beat it. */
function savedAnswers(settings: ProjectSettings | undefined): Record<string, unknown> {
  if (settings === undefined) return {};
  const { address, domain, port, idp, created, engine } = settings;
  const answers = { address, domain, port, engine, ...(idp ? { idpPort: idp.port } : {}) };
  if (created === undefined) return answers;
  // A newer version may have known more servers.
  const servers = created.servers.filter((name) => SERVERS.some((one) => one === name));
  const { allow, signIn, idpClientId, idpUrl } = created;
  return { ...answers, ...withoutUndefined({ servers, allow, signIn, idpClientId, idpUrl }) };
}

function textOf(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
