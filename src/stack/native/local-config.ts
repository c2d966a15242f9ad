import { isAlias, isMap, isScalar, isSeq, type Document, type YAMLMap } from '../../project/yaml.ts';
import { resolveLoopbackNames, type Resolve } from '../../net/resolve.ts';
import { parseYaml } from '../../project/yaml.ts';

const NAME = 'pomerium-config.yaml';
const HEADER = `# Made by mcpgw from ${NAME} for Pomerium on this machine; edit that one.\n`;
/** Settings that decide about the Host header by themselves; Pomerium v0.33.1 config/policy.go. */
const HOST_KEYS = [
  'host_rewrite',
  'host_rewrite_header',
  'host_path_regex_rewrite_pattern',
  'preserve_host_header',
] as const;

export interface LocalConfig {
  text: string;
  /** `mcp-servers:8080 -> 127.0.0.1:40123`, each once. */
  moved: string[];
}

/**
 * The configuration for a Pomerium that knows no names of Compose's network: `to: http://mcp-servers:8080/whoami` becomes the
 * place on this machine that `resolve` answers. The server still gets the Host header, and over TLS the name, that it would
 * get under Docker.
 */
export function localConfig(text: string, resolve: Resolve): LocalConfig {
  const { document } = parseYaml(text, NAME);
  const moved = new Set<string>();
  // `policy` is the older name of the list.
  for (const key of ['routes', 'policy']) {
    const routes = document.get(key);
    if (!isSeq(routes)) continue;
    for (const route of routes.items) if (isMap(route)) moveRoute(route, { document, resolve, moved });
  }
  return { text: `${HEADER}${document.toString({ lineWidth: 0 })}`, moved: [...moved] };
}

interface Context {
  document: Document;
  resolve: Resolve;
  moved: Set<string>;
}

function moveRoute(route: YAMLMap, { document, resolve, moved }: Context): void {
  const to = dereference(route.get('to', true), document);
  const targets = (isSeq(to) ? to.items : [to]).map((item) => textOf(dereference(item, document)));
  const places = targets.map((target) => moveUrl(target, resolve));
  const [first] = places.filter((place) => place !== undefined);
  if (first === undefined) return;
  for (const place of places) if (place) moved.add(`${place.from} -> ${place.to}`);
  const urls = targets.map((target, i) => places[i]?.url ?? target);
  route.set('to', isSeq(to) ? urls : urls[0]);
  if (!HOST_KEYS.some((key) => route.has(key))) route.set('host_rewrite', first.from);
  if (first.secure && !route.has('tls_upstream_server_name')) route.set('tls_upstream_server_name', first.hostname);
}

interface Place {
  url: string;
  from: string;
  to: string;
  hostname: string;
  secure: boolean;
}

/** Undefined when the URL leads there already, or is none of ours to move. */
function moveUrl(target: string, resolve: Resolve): Place | undefined {
  // A weight may follow: `http://a:8080,2`.
  const [, address = '', weight = ''] = /^(.*?)(,\d+)?$/.exec(target) ?? [];
  const url = URL.parse(address);
  if (!url || !['http:', 'https:', 'h2c:'].includes(url.protocol)) return undefined;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const place = resolve(url.hostname, port);
  // Envoy takes *.localhost for this machine by itself.
  if (!place || resolveLoopbackNames(url.hostname, port)) return undefined;
  const path = address.replace(/^\w+:\/\/[^/?#]*/, '');
  const to = `${place.host}:${place.port}`;
  const { protocol, host: from, hostname } = url;
  return { url: `${protocol}//${to}${path}${weight}`, from, to, hostname, secure: protocol === 'https:' };
}

function dereference(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function textOf(node: unknown): string {
  const value: unknown = isScalar(node) ? node.value : node;
  return typeof value === 'string' ? value : '';
}
