import { isRecord } from '../json.ts';
import { HOSTED } from '../scaffold/presets/index.ts';
import { dataAt, HOST_GATEWAY, HOST_ITSELF, SERVERS_SERVICE } from './add-route.ts';
import { removeIssuer } from './align-issuers.ts';
import { edited } from './edit/cannot-edit.ts';
import { removeAt } from './edit/remove.ts';
import { gatewayServiceOf } from './gateway-service.ts';
import { COMPOSE_FILE, CONFIG_FILE } from './paths.ts';
import { stopServing } from './stop-serving.ts';
import { scalarsOf, parseYaml } from './yaml.ts';

/** Services that are the gateway’s own, whatever routes lead to them. */
const CORE = ['postgres', 'pomerium', 'idp'];

export interface WrittenRoute {
  index: number;
  /** Its `name`, else the first label of its host. */
  name: string;
  from: string;
  host: string;
  /** Upstream URLs. */
  to: string[];
}

/** The routes of a file as they are written, whether or not Pomerium would take them. */
export function writtenRoutes(config: string): WrittenRoute[] {
  const routes: unknown = dataAt(config, ['routes']);
  if (!Array.isArray(routes)) return [];
  return routes.map((route: unknown, index) => {
    const { name, from, to } = isRecord(route) ? route : {};
    const host = URL.parse(String(from))?.hostname ?? '';
    const label = host.split('.')[0] ?? '';
    const upstreams: unknown[] = Array.isArray(to) ? to : to === undefined ? [] : [to];
    return {
      index,
      name: typeof name === 'string' ? name : label,
      from: String(from),
      host,
      to: upstreams.map((one) => String(one).replace(/,\d+$/, '')),
    };
  });
}

/** The service behind a route, when no other route and no other service needs it. */
export function unusedService(config: string, compose: string, route: WrittenRoute): string | undefined {
  const services: unknown = dataAt(compose, ['services']);
  if (!isRecord(services)) return undefined;
  const others = writtenRoutes(config).filter(({ index }) => index !== route.index);
  const used = others.flatMap(({ to }) => to.map(hostOf));
  return route.to
    .map(hostOf)
    .find(
      (host) =>
        host in services &&
        !CORE.includes(host) &&
        host !== gatewayServiceOf({ services }) &&
        !used.includes(host) &&
        !Object.entries(services).some(([name, service]) => name !== host && dependsOn(service, host)),
    );
}

function dependsOn(service: unknown, name: string): boolean {
  if (!isRecord(service)) return false;
  const { depends_on: needed } = service;
  if (Array.isArray(needed) ? needed.includes(name) : isRecord(needed) && name in needed) return true;
  return ['network_mode', 'pid', 'ipc'].some((key) => service[key] === `service:${name}`);
}

/** Variables that the files named and name no more: their values in .env are of no use to anybody. */
export function orphanedVariables(
  before: { config: string; compose: string },
  after: { config: string; compose: string },
): string[] {
  const left = new Set(variablesOf(after));
  // Images are for mcpgw, too, which builds some.
  return [...new Set(variablesOf(before))].filter((name) => !left.has(name) && !name.endsWith('_IMAGE'));
}

function variablesOf({ config, compose }: { config: string; compose: string }): string[] {
  return [parseYaml(config, CONFIG_FILE), parseYaml(compose, COMPOSE_FILE)].flatMap(({ document }) =>
    scalarsOf(document).flatMap(({ value }) =>
      [...String(value).matchAll(/(?<!\$)\$\{?([A-Z_][A-Z0-9_]*)/g)].map(([, name = '']) => name),
    ),
  );
}

/** Takes a route out of pomerium-config.yaml, with the hosts that were allowed for it alone. */
export function removeRoute(config: string, route: WrittenRoute): string {
  const path = ['routes', route.index];
  const text = edited(removeAt(config, path), CONFIG_FILE, path, `remove the route ${route.name}`);
  const gone = metadataDomainsOf(route);
  const needed = writtenRoutes(text).flatMap(metadataDomainsOf);
  return gone.filter((domain) => !needed.includes(domain)).reduce(forbidMetadataDomain, text);
}

function metadataDomainsOf({ to }: WrittenRoute): readonly string[] {
  return HOSTED.filter(({ url }) => to.some((one) => hostOf(one) === hostOf(url))).flatMap(
    ({ metadataDomains }) => metadataDomains,
  );
}

function forbidMetadataDomain(config: string, domain: string): string {
  const key = 'mcp_allowed_as_metadata_domains';
  const list: unknown = dataAt(config, [key]);
  if (!Array.isArray(list) || !list.includes(domain)) return config;
  const path = list.length === 1 ? [key] : [key, list.indexOf(domain)];
  return edited(removeAt(config, path), CONFIG_FILE, path, `remove ${domain}`);
}

/** Takes a route's host, and with `service` that service, out of the compose file; `config` is the file without the route. */
export function removeFromCompose(
  compose: string,
  config: string,
  route: WrittenRoute,
  service: string | undefined,
): string {
  let text = service === undefined ? withoutServer(compose, config, route) : removeService(compose, service);
  const hosts = writtenRoutes(config).map(({ host }) => host);
  const authenticate: unknown = dataAt(config, ['authenticate_service_url']);
  if (!hosts.includes(route.host) && !(typeof authenticate === 'string' && hostOf(authenticate) === route.host))
    text = removeAlias(text, route.host);
  if (servesNoMore(config, route, 'whoami') === false)
    text = removeIssuer(
      text,
      route.host,
      writtenRoutes(config).map(({ from, to }) => ({ from, to: to.map((url) => ({ url })) })),
    );
  // Its database may be on this machine.
  if (servesNoMore(config, route, 'postgres')) text = removeHostGateway(text, SERVERS_SERVICE);
  const isLocal = (one: WrittenRoute): boolean => one.to.some((url) => hostOf(url) === HOST_ITSELF);
  return isLocal(route) && !writtenRoutes(config).some(isLocal) ? removeHostGateway(text) : text;
}

/** Whether a route was the last one to a reference server; undefined: it led to another one. */
function servesNoMore(config: string, route: WrittenRoute, server: string): boolean | undefined {
  if (!serversOf(route).includes(server)) return undefined;
  return !writtenRoutes(config).some((one) => serversOf(one).includes(server));
}

function removeService(compose: string, service: string): string {
  const path = ['services', service];
  return edited(removeAt(compose, path), COMPOSE_FILE, path, `remove the service ${service}`);
}

/** A reference server that no route leads to any more is not started. */
function withoutServer(compose: string, config: string, route: WrittenRoute): string {
  const [server] = serversOf(route);
  const isNeeded = writtenRoutes(config).some((one) => server !== undefined && serversOf(one).includes(server));
  return server === undefined || isNeeded ? compose : stopServing(compose, route, server);
}

function serversOf({ to }: WrittenRoute): string[] {
  return to
    .filter((url) => hostOf(url) === SERVERS_SERVICE)
    .map((url) => URL.parse(url)?.pathname.slice(1) ?? '')
    .filter((path) => path !== '');
}

function removeAlias(compose: string, host: string): string {
  const path = ['services', gatewayServiceOf(dataAt(compose, [])), 'networks', 'default', 'aliases'];
  const aliases: unknown = dataAt(compose, path);
  const index = Array.isArray(aliases) ? aliases.findIndex((one) => String(one).toLowerCase() === host) : -1;
  if (index === -1) return compose;
  return edited(removeAt(compose, [...path, index]), COMPOSE_FILE, path, `remove ${host}`);
}

/** Only as `mcpgw add` wrote it. */
function removeHostGateway(compose: string, service = gatewayServiceOf(dataAt(compose, []))): string {
  const path = ['services', service, 'extra_hosts'];
  const hosts: unknown = dataAt(compose, path);
  const index = Array.isArray(hosts) ? hosts.indexOf(HOST_GATEWAY) : -1;
  if (!Array.isArray(hosts) || index === -1) return compose;
  const at = hosts.length === 1 ? path : [...path, index];
  return edited(removeAt(compose, at), COMPOSE_FILE, at, `remove ${HOST_GATEWAY}`);
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}
