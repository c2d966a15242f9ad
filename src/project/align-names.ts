import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type YAMLMap, type YAMLSeq } from './yaml.ts';
import type { Options } from '../pomerium/model.ts';
import { alignIssuers } from './align-issuers.ts';
import { append } from './edit/append.ts';
import { gatewayServiceOf } from './gateway-service.ts';
import { COMPOSE_FILE } from './paths.ts';
import { parseYaml } from './yaml.ts';

export interface NameChanges {
  /** The compose file with what was missing; as it was when nothing was. */
  text: string;
  /** What was added, in sentences. */
  added: string[];
  /** What is missing and has to be added by hand, since the file has a form of its own there. */
  missing: string[];
}

const PROVIDER = 'idp';
/** Pomerium v0.33.1: always this path below the authenticate service. */
const CALLBACK = '/oauth2/callback';

/**
 * Keeps the compose file in step with the routes: an alias for the host of every route, without which the other containers do not
 * reach the gateway under it, one for the development identity provider, the redirect URI that it answers to, and the hosts that whoami
 * believes. Lines are added in place; nothing is taken away, since a name too many does no harm.
 */
export function alignNames(
  composeText: string,
  options: Pick<Options, 'routes' | 'authenticate_service_url' | 'idp_provider_url'> &
    Partial<Pick<Options, 'address'>>,
): NameChanges {
  const urls = [options.authenticate_service_url ?? '', ...options.routes.map((route) => route.from)];
  const hosts = urls.filter((url) => isReachedInside(url, options.address)).flatMap(hostOf);
  const provider = hostOf(options.idp_provider_url ?? '');
  let state: State = { ...parsed(composeText), added: [], missing: [] };
  const gateway = gatewayServiceOf(state.document.toJS());
  for (const host of new Set(hosts)) state = withAlias(state, gateway, host);
  for (const host of provider) state = withAlias(state, PROVIDER, host);
  if (options.authenticate_service_url !== undefined) state = withRedirectUri(state, options.authenticate_service_url);
  const issuers = alignIssuers(state.text, options.routes);
  return {
    text: issuers.text,
    added: [...state.added, ...issuers.added],
    missing: [...state.missing, ...issuers.missing],
  };
}

interface State extends NameChanges {
  document: Document.Parsed;
}

function parsed(text: string): Pick<State, 'text' | 'document'> {
  return { text, document: parseYaml(text, COMPOSE_FILE).document };
}

/** An alias leads to the container's own port: where another one is published under the URL's, it would lead nowhere. */
function isReachedInside(url: string, address: string | undefined): boolean {
  const listens = /:(\d+)$/.exec(address ?? '')?.[1];
  return listens === undefined || (URL.parse(url)?.port || '443') === listens;
}

/** Docker's DNS knows no wildcards, so a host with one has no alias. */
function hostOf(url: string): string[] {
  const hostname = URL.parse(url)?.hostname ?? '';
  return hostname === '' || hostname.includes('*') ? [] : [hostname];
}

function withAlias(before: State, service: string, host: string): State {
  const { document } = before;
  const found = mapAt(document, ['services', service]);
  // On the host's own network there are no aliases.
  if (!found || found.has('network_mode')) return before;
  const networks = found.get('networks', true);
  const aliases = mapAt(document, ['services', service, 'networks', 'default'])?.get('aliases', true);
  if (isSeq(aliases) && hasValue(aliases, host)) return before;
  const text = isSeq(aliases)
    ? insertItem(before.text, aliases, host)
    : networks === undefined
      ? insertNetworks(before.text, found, service, host)
      : undefined;
  const what = `${host} as an alias of ${service}`;
  if (text === undefined) return { ...before, missing: [...before.missing, what] };
  return { ...before, ...parsed(text), added: [...before.added, what] };
}

function withRedirectUri(before: State, authenticateUrl: string): State {
  const known = mapAt(before.document, ['services', PROVIDER, 'environment'])?.get('IDP_REDIRECT_URIS', true);
  if (!URL.canParse(authenticateUrl) || !isScalar(known) || !known.range) return before;
  const uri = new URL(CALLBACK, authenticateUrl).href;
  const uris = String(known.value)
    .split(',')
    .map((one) => one.trim());
  // A variable may stand for anything.
  if (uris.includes(uri) || uris.some((one) => one.includes('$'))) return before;
  const [start, end] = known.range;
  const value = JSON.stringify([...uris, uri].filter((one) => one !== '').join(','));
  const plain = /^"[^\s"\\#]*"$/.test(value) ? value.slice(1, -1) : value;
  const text = before.text.slice(0, start) + plain + before.text.slice(end);
  return { ...before, ...parsed(text), added: [...before.added, `${uri} to IDP_REDIRECT_URIS of ${PROVIDER}`] };
}

function mapAt(document: Document.Parsed, path: readonly string[]): YAMLMap | undefined {
  let node: Node | null | undefined = document.contents;
  for (const step of path) {
    if (!isMap(node)) return undefined;
    const next: unknown = node.get(step, true);
    // What an anchor stands for is used elsewhere, too.
    if (isAlias(next)) return undefined;
    node = next as Node | undefined;
  }
  return isMap(node) ? node : undefined;
}

function hasValue(list: YAMLSeq, value: string): boolean {
  return list.items.some((item) => isScalar(item) && String(item.value).toLowerCase() === value.toLowerCase());
}

/** After the last item, in the list's own form. */
function insertItem(text: string, list: YAMLSeq, value: string): string | undefined {
  const last = list.items.at(-1);
  if (!isScalar(last) || !last.range)
    return list.flow && list.range ? insertFirst(text, list.range[0], value) : undefined;
  const [start, end] = last.range;
  if (list.flow) return `${text.slice(0, end)}, ${value}${text.slice(end)}`;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const indentation = text.slice(lineStart, text.indexOf('-', lineStart));
  return insertLines(text, end, [`${indentation}- ${value}`]);
}

function insertFirst(text: string, start: number, value: string): string {
  return `${text.slice(0, start + 1)}${value}${text.slice(start + 1)}`;
}

/** Before the service's first key, whose indentation is that of all; behind the last one in brackets. */
function insertNetworks(text: string, service: YAMLMap, name: string, host: string): string | undefined {
  if (service.flow) return append(text, ['services', name], [`networks: {default: {aliases: [${host}]}}`]);
  const key = service.items[0]?.key;
  if (!isScalar(key) || !key.range) return undefined;
  const lineStart = text.lastIndexOf('\n', key.range[0]) + 1;
  const indentation = text.slice(lineStart, key.range[0]);
  if (indentation.trim() !== '') return undefined;
  const lines = ['networks:', '  default:', `    aliases: [${host}]`].map((line) => `${indentation}${line}\n`);
  return `${text.slice(0, lineStart)}${lines.join('')}${text.slice(lineStart)}`;
}

/** Below the line in which `offset` lies, behind its comment. */
function insertLines(text: string, offset: number, lines: readonly string[]): string {
  const end = text.indexOf('\n', offset);
  const at = end === -1 ? text.length : end;
  return `${text.slice(0, at)}\n${lines.join('\n')}${text.slice(at)}`;
}
