import { isRecord } from '../json.ts';
import type { ServerNeeds } from '../scaffold/services.ts';
import { append } from './edit/append.ts';
import { nodeAt } from './edit/block.ts';
import { edited } from './edit/cannot-edit.ts';
import { appendWord, wordsAt } from './edit/words.ts';
import { gatewayServiceOf } from './gateway-service.ts';
import { COMPOSE_FILE, CONFIG_FILE } from './paths.ts';
import { isSeq, parseYaml } from './yaml.ts';

/** The service of the reference servers. */
export const SERVERS_SERVICE = 'mcp-servers';
/** Docker's name for the machine that it runs on. */
export const HOST_ITSELF = 'host.docker.internal';
/** On Linux the name has to be asked for; Docker Desktop knows it anyway. */
export const HOST_GATEWAY = `${HOST_ITSELF}:host-gateway`;

/** Adds a route to pomerium-config.yaml, as an item of `routes`. */
export function addRoute(config: string, route: string): string {
  return edited(append(config, ['routes'], route.split('\n'), { gap: true }), CONFIG_FILE, ['routes'], route);
}

/** Lets Pomerium read the metadata of further authorization servers. */
export function allowMetadataDomains(config: string, domains: readonly string[]): string {
  const path = ['mcp_allowed_as_metadata_domains'];
  let text = config;
  for (const domain of domains) {
    const known: unknown = dataAt(text, path);
    if (Array.isArray(known) && known.includes(domain)) continue;
    const isNew = known === undefined;
    const lines = isNew ? [...METADATA_NOTE, `${path[0]}:`, `  - ${domain}`] : [`- ${domain}`];
    text = edited(append(text, isNew ? [] : path, lines), CONFIG_FILE, path, `- ${domain}`);
  }
  return text;
}

const METADATA_NOTE = [
  '# Further hosts whose authorization server metadata Pomerium may read, to sign people in at',
  '# an upstream; the host of each `to` is allowed anyway.',
];

/** Lets Pomerium register itself at authorization servers of upstreams, and MCP clients at Pomerium: one flag is for both. */
export function allowRegistration(config: string): string {
  const path = ['runtime_flags'];
  const line = 'mcp_dynamic_client_registration: true';
  return edited(append(config, path, [line]), CONFIG_FILE, path, line);
}

export function addService(compose: string, service: string): string {
  return edited(append(compose, ['services'], service.split('\n'), { gap: true }), COMPOSE_FILE, ['services'], service);
}

/** Lets the container of a service reach this machine. */
export function addHostGateway(compose: string, service = gatewayServiceOf(dataAt(compose, []))): string {
  const path = ['services', service, 'extra_hosts'];
  const known: unknown = dataAt(compose, path);
  if (Array.isArray(known) && known.some((one) => String(one).startsWith(HOST_ITSELF))) return compose;
  if (isRecord(known) && HOST_ITSELF in known) return compose;
  if (dataAt(compose, ['services', service]) === undefined) return compose;
  const line = isRecord(known) ? `${HOST_ITSELF}: host-gateway` : `- "${HOST_GATEWAY}"`;
  return edited(append(compose, path, [line]), COMPOSE_FILE, path, line);
}

/** Starts one more server in the service that is there. What it is told already stays. */
export function serve(compose: string, needs: ServerNeeds): string {
  const service = ['services', SERVERS_SERVICE];
  let text = compose;
  for (const path of [
    [...service, 'command'],
    [...service, 'x-mcpgw', 'run'],
  ]) {
    const words = wordsAt(text, path) ?? [];
    const named = words.slice(words.indexOf('serve') + 1);
    // Without names, all are served that have what they need.
    if (!words.includes('serve') || named.length === 0 || named.includes(needs.server)) continue;
    text = edited(appendWord(text, path, needs.server), COMPOSE_FILE, path, needs.server);
  }
  for (const [name, value] of needs.environment) text = setMissing(text, [...service, 'environment'], name, value);
  for (const [name, value] of needs.ownEnvironment)
    text = setMissing(text, [...service, 'x-mcpgw', 'environment'], name, value);
  for (const lines of needs.volumes) text = addVolume(text, [...service, 'volumes'], lines);
  return text;
}

/** Compose allows a map and a list of `NAME=value`. */
function setMissing(text: string, path: readonly string[], name: string, value: string): string {
  const { document } = parseYaml(text, COMPOSE_FILE);
  const known: unknown = dataAt(text, path);
  const isList = isSeq(nodeAt(document, path));
  if (isList && Array.isArray(known) && known.some((one) => String(one).split('=')[0] === name)) return text;
  if (isRecord(known) && name in known) return text;
  const line = isList ? `- ${name}=${value}` : `${name}: ${value}`;
  return edited(append(text, path, [line]), COMPOSE_FILE, path, line);
}

function addVolume(text: string, path: readonly string[], lines: readonly string[]): string {
  const target = lines.find((line) => line.trim().startsWith('target:'))?.split(': ')[1] ?? '';
  const known: unknown = dataAt(text, path);
  const isThere = (one: unknown): boolean =>
    isRecord(one) ? one['target'] === target : String(one).split(':')[1] === target;
  if (Array.isArray(known) && known.some(isThere)) return text;
  return edited(append(text, path, lines), COMPOSE_FILE, path, lines.join('\n'));
}

/** The value at a path of a text; undefined when there is none. */
export function dataAt(text: string, path: readonly (string | number)[]): unknown {
  let value = parseYaml(text, '').data;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isRecord(value)) value = value[String(step)];
    else return undefined;
  }
  return value ?? undefined;
}
