import { ask } from '../ask.ts';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import type { Options, Route } from '../pomerium/model.ts';
import type { Project } from '../project/index.ts';
import { formatAllow, parseAllow, readAllow, type Allow } from '../scaffold/index.ts';
import type { AddOptions } from './add.ts';
import { DATABASE_SECRET, nameOf, secretNameOf } from './add-names.ts';
import { announce, assertHasSignIn, choosePlace, needsClient } from './add-place.ts';
import {
  allowQuestion,
  CLIENT_ID,
  CLIENT_SECRET,
  DATABASE_URL,
  nameQuestion,
  PORT,
  TO,
  WHAT,
} from './add-questions.ts';
import { readSecret } from './add-secret.ts';
import { readSource, readUpstream, type Place, type Source } from './add-source.ts';

/** Everything that a new route is made from. */
export interface AddAnswers {
  source: Source;
  name: string;
  host: string;
  /** Origin of the route. */
  from: string;
  allow: Allow;
  /** For a preset. */
  place?: Place;
  /** Of a command. */
  port?: number;
  /** For a URL, a command or a preset elsewhere. */
  upstream?: { to: string; hostRewrite?: string };
  /** Connection string of the database that the server postgres reads. */
  databaseUrl?: string;
  /** An application registered at the provider. */
  client?: { id: string; secret: string; scopes?: string[] };
}

interface Target {
  source: Source;
  name: string;
  /** The flags, with what was asked for. */
  given: Record<string, unknown>;
  /** A route of this name. */
  existing: Route | undefined;
  place: Place | undefined;
}

/** Asks for what no flag says. */
export async function askForRoute(
  ctx: Ctx,
  options: AddOptions,
  project: Project,
  gateway: Options,
): Promise<AddAnswers> {
  const target = await askForTarget(ctx, options, gateway);
  const { source, name, place, existing } = target;
  const host = hostFor(name, options, project);
  const from = `https://${host}${project.settings.port === 443 ? '' : `:${project.settings.port}`}`;
  const wantsClient = needsClient(source, place) || options.clientId !== undefined;
  if (wantsClient) assertHasSignIn(source, place, name);
  const wantsDatabase = place === 'reference' && source.kind === 'preset' && source.preset.name === 'postgres';
  if (wantsClient) announce(ctx, source, from);
  const questions = [
    nameQuestion(source),
    ...(place === 'url' ? [TO] : []),
    ...(source.kind === 'command' ? [PORT] : []),
    ...(wantsClient ? [CLIENT_ID, CLIENT_SECRET] : []),
    ...(wantsDatabase ? [DATABASE_URL] : []),
    allowQuestion(usualAllow(gateway.routes)),
  ];
  const secret = options.secretStdin ? await readSecret(ctx) : undefined;
  const given = { ...target.given, clientSecret: secret, databaseUrl: secret };
  const saved = savedAnswers(existing, project, name);
  const answers = await ask(ctx, questions, given, saved, { command: commandOf(options) });
  return {
    source,
    name,
    host,
    from,
    allow: allowOf(answers),
    ...(place ? { place } : {}),
    ...(answers['port'] === undefined ? {} : { port: Number(answers['port']) }),
    ...upstreamOf(source, answers),
    ...(wantsDatabase ? { databaseUrl: String(answers['databaseUrl']) } : {}),
    ...(wantsClient ? { client: clientOf(answers, options, existing) } : {}),
  };
}

/** What is to be added, under which name, and where it is. */
async function askForTarget(ctx: Ctx, options: AddOptions, { routes }: Options): Promise<Target> {
  const settings = { command: commandOf(options) };
  const given: Record<string, unknown> = { ...options };
  if (options.run === undefined) given['what'] = (await ask(ctx, [WHAT], given, {}, settings))['what'];
  const source = readSource({ run: options.run, what: given['what'] as string | undefined });
  if (source === undefined) throw usage('there is nothing to add', 'mcpgw add whoami');
  const naming = nameQuestion(source);
  // Without a terminal everything that is missing is told at once, by the last call.
  if (ctx.interactive) given['name'] = (await ask(ctx, [naming], given, {}, settings))['name'];
  const known = given['name'] ?? (ctx.env[naming.env] || naming.default);
  const name = typeof known === 'string' ? known.trim() : '';
  const existing = routes.find((route) => nameOf(route) === name);
  return { source, name, given, existing, place: await choosePlace(ctx, source, options, existing) };
}

function allowOf(answers: Readonly<Record<string, unknown>>): Allow {
  const allow = parseAllow(String(answers['allow']));
  if (typeof allow === 'string') throw usage(allow, '--allow anyone');
  return allow;
}

function upstreamOf(source: Source, { to }: Readonly<Record<string, unknown>>): Pick<AddAnswers, 'upstream'> {
  if (source.kind === 'url') return { upstream: source };
  return typeof to === 'string' ? { upstream: readUpstream(to) } : {};
}

/** Who may use the other routes, when all of them say the same in a form that can be written again. */
function usualAllow(routes: readonly Route[]): Allow | undefined {
  const [first, ...others] = routes.map(({ policy }) => readAllow(policy ?? []));
  return first && others.every((one) => one && formatAllow(one) === formatAllow(first)) ? first : undefined;
}

/** A second run is told what the first one was. */
function savedAnswers(existing: Route | undefined, project: Project, name: string): Record<string, unknown> {
  const secret = project.secrets[secretNameOf(name)] || undefined;
  const databaseUrl = project.secrets[DATABASE_SECRET] || undefined;
  if (!existing) return { clientSecret: secret, databaseUrl };
  const allow = readAllow(existing.policy ?? []);
  const [to] = existing.to;
  return {
    clientSecret: secret,
    databaseUrl,
    clientId: existing.mcp?.server?.upstream_oauth2?.client_id,
    to: to?.url.replace('host.docker.internal', 'localhost'),
    ...(to && URL.parse(to.url)?.port ? { port: Number(new URL(to.url).port) } : {}),
    ...(allow ? { allow: formatAllow(allow) } : {}),
  };
}

function clientOf(
  answers: Readonly<Record<string, unknown>>,
  options: AddOptions,
  existing: Route | undefined,
): NonNullable<AddAnswers['client']> {
  const scopes = options.scopes ?? existing?.mcp?.server?.upstream_oauth2?.scopes;
  return {
    id: String(answers['clientId']),
    secret: String(answers['clientSecret']).trim(),
    ...(scopes ? { scopes } : {}),
  };
}

function hostFor(name: string, { host }: AddOptions, { settings }: Project): string {
  if (host === undefined) return `${name}.${settings.domain}`;
  const wanted = host.trim().toLowerCase();
  const isHost = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]+$/.test(wanted);
  if (!isHost) throw usage(`--host: \`${host}\` is no host name`, `--host ${name}.${settings.domain}`);
  if (settings.address === 'local' && !wanted.endsWith(`.${settings.domain}`))
    throw usage(
      `--host: \`${host}\` is not below ${settings.domain}, and the project’s authority vouches for nothing else`,
      `--host ${name}.${settings.domain}`,
    );
  return wanted;
}

function commandOf({ what, run }: AddOptions): string {
  return run === undefined
    ? ['mcpgw add', ...(what === undefined ? [] : [what])].join(' ')
    : `mcpgw add --run '${run}'`;
}
