import { usage } from '../errors.ts';
import { HOST_ITSELF, SERVERS_SERVICE, type Project } from '../project/index.ts';
import {
  appService,
  commandService,
  imageFor,
  mcpServersService,
  routeText,
  sampleRoute,
  scopeElements,
  type NewRoute,
  type Templates,
  type UpstreamOAuth,
} from '../scaffold/index.ts';
import { VERSION } from '../version.ts';
import type { AddOptions } from './add.ts';
import type { AddAnswers } from './add-answers.ts';
import { DATABASE_SECRET, secretNameOf } from './add-names.ts';

/** Ports of services that share one in every project. */
const SERVERS_PORT = 8080;
const APP_PORT = 8090;

/** A route with what has to be there for it. */
export interface Addition {
  route: NewRoute;
  /** As an item of `routes`. */
  text: string;
  /** A reference server, by its path. */
  server?: string;
  /** A service of its own. */
  service?: { name: string; text: string };
  secrets: Record<string, string>;
  metadataDomains: readonly string[];
  /** Pomerium registers itself at the upstream's authorization server. */
  registersItself: boolean;
}

/** What the answers come to. */
export function planAddition(
  answers: AddAnswers,
  options: AddOptions,
  project: Project,
  templates: Templates,
): Addition {
  const { source, name, from, place, client } = answers;
  const hosted = source.kind === 'preset' && place === 'hosted' ? source.preset.hosted : undefined;
  const oauth = client ? oauthOf(answers) : undefined;
  const upstream = upstreamOf(answers, options);
  const server = place === 'reference' && source.kind === 'preset' ? source.preset.reference : undefined;
  const route: NewRoute = {
    name,
    description: options.description ?? descriptionOf(answers),
    from,
    ...upstream,
    kind: source.kind === 'app' ? 'client' : 'server',
    allow: answers.allow,
    ...(source.kind === 'app' || server?.passIdentityHeaders ? { passIdentityHeaders: true } : {}),
    ...(oauth ? { oauth } : {}),
  };
  return {
    route,
    text: textOf(route, server?.name, project, templates),
    ...(server ? { server: server.name } : {}),
    ...serviceOf(answers, options, project, templates),
    secrets: {
      ...(client ? { [secretNameOf(name)]: client.secret } : {}),
      ...(answers.databaseUrl ? { [DATABASE_SECRET]: reachable(answers.databaseUrl, project) } : {}),
    },
    metadataDomains: hosted?.metadataDomains ?? [],
    registersItself: hosted !== undefined && client === undefined,
  };
}

/** In a container, `localhost` is the container. */
function reachable(databaseUrl: string, { settings }: Project): string {
  if (settings.engine !== 'docker') return databaseUrl;
  return databaseUrl.replace(/(@|\/\/)(localhost|127\.0\.0\.1|\[::1\])(?=[:/?]|$)/, `$1${HOST_ITSELF}`);
}

function upstreamOf(
  { source, name, place, port, upstream }: AddAnswers,
  options: AddOptions,
): Pick<NewRoute, 'to' | 'hostRewrite'> {
  if (source.kind === 'app') return { to: `http://${name}:${APP_PORT}` };
  if (source.kind === 'command') return { to: `http://${name}:${port}${pathOf(options.path ?? '/mcp')}` };
  if (source.kind === 'url') return upstreamFields(source);
  if (place === 'reference')
    return { to: `http://${SERVERS_SERVICE}:${SERVERS_PORT}/${source.preset.reference?.name}` };
  return place === 'hosted' ? { to: source.preset.hosted?.url ?? '' } : upstreamFields(upstream ?? { to: '' });
}

function upstreamFields({
  to,
  hostRewrite,
}: {
  to: string;
  hostRewrite?: string;
}): Pick<NewRoute, 'to' | 'hostRewrite'> {
  return { to, ...(hostRewrite === undefined ? {} : { hostRewrite }) };
}

function pathOf(path: string): string {
  const text = path.startsWith('/') ? path : `/${path}`;
  if (/^(\/[\w.~-]+)*\/?$/.test(text)) return text === '/' ? '' : text;
  throw usage(`--path: \`${path}\` is no path`, '--path /mcp');
}

function descriptionOf({ source, place, name }: AddAnswers): string {
  if (source.kind === 'app') return 'Try the MCP servers as the signed-in user';
  if (source.kind === 'preset')
    return place === 'reference' ? (source.preset.reference?.title ?? name) : source.preset.title;
  if (source.kind === 'command') return `MCP server ${name}`;
  return `MCP server at ${source.hostRewrite ?? URL.parse(source.to)?.host ?? name}`;
}

/** With endpoints where they are known: discovery loses the scheme and the port of `to` (Pomerium v0.33.1). */
function oauthOf({ source, name, place, client }: AddAnswers): UpstreamOAuth {
  const preset = source.kind === 'preset' ? source.preset : undefined;
  const { provider, hosted, reference } = preset ?? {};
  const isDiscovered = place === 'hosted' && hosted?.registration !== 'static';
  const endpoint = isDiscovered ? undefined : ((place === 'hosted' ? hosted?.endpoints : undefined) ?? provider);
  const given = client?.scopes;
  const scopes = given ?? reference?.scopes ?? provider?.scopes ?? [];
  return {
    clientId: client?.id ?? '',
    secretName: secretNameOf(name),
    ...(endpoint ? { endpoint: { authUrl: endpoint.authUrl, tokenUrl: endpoint.tokenUrl } } : {}),
    scopes: scopeElements(scopes, provider?.scopeSeparator ?? ' '),
    authorizationParams: isDiscovered ? {} : (provider?.authorizationParams ?? {}),
  };
}

/** The two servers that `create` offers have routes with comments of their own. */
function textOf(route: NewRoute, server: string | undefined, { settings }: Project, templates: Templates): string {
  const { name, allow, from } = route;
  const isUsual = new URL(from).hostname === `${name}.${settings.domain}`;
  if ((server !== 'whoami' && server !== 'sqlite') || !isUsual) return routeText(route);
  const authority = new URL(from).host.slice(name.length + 1);
  return sampleRoute({ server, name, authority, allow }, templates);
}

function serviceOf(
  { source, name, from, place, port = 0, host }: AddAnswers,
  options: AddOptions,
  project: Project,
  templates: Templates,
): Pick<Addition, 'service'> {
  const around = { ...project.settings, version: VERSION };
  if (source.kind === 'app')
    return { service: { name, text: appService({ service: name, url: from }, around, templates) } };
  if (source.kind === 'command') {
    const own = {
      service: name,
      words: source.words,
      image: options.image ?? imageOf(source.words),
      folder: folderOf(options.folder),
      port,
    };
    return { service: { name, text: commandService(own, templates) } };
  }
  const server = place === 'reference' && source.kind === 'preset' ? source.preset.reference?.name : undefined;
  if (server === undefined || project.services.some((one) => one.name === SERVERS_SERVICE)) return {};
  const [whoamiName = name] = host.split('.');
  const text = mcpServersService({ ...around, servers: [server] }, templates, whoamiName);
  return { service: { name: SERVERS_SERVICE, text } };
}

function imageOf([program = '']: readonly string[]): string {
  const image = imageFor(program);
  if (image !== undefined) return image;
  throw usage(
    `which container image has \`${program}\` is not known here: --image is missing`,
    '--image node:24-slim, or any image that can run the command',
  );
}

function folderOf(folder = '.'): string {
  return /^(\.{1,2}(\/|$)|\/|~)/.test(folder) ? folder : `./${folder}`;
}
