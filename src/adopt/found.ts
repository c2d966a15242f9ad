import { recordOf } from '../json.ts';
import { parseYaml, readComposeModel, writtenRoutes, type ComposeService } from '../project/index.ts';
import { dataOf } from './draft.ts';
import type { HandWritten } from './hand-written.ts';

/** What a person is told about the folder before anything else. */
export interface Found {
  /** The file's name, and that of the compose file. */
  config: string;
  compose: string;
  gateway: { service: string; image: string };
  routes: { name: string; from: string; to: string; kind: 'server' | 'client' | 'plain' }[];
  database?: { service: string; image: string; trust: boolean };
  /** Services that routes lead to. */
  servers: { service: string; image: string }[];
  /** `pomerium 443`. */
  ports: string[];
  signIn: string;
}

const POSTGRES = /(^|\/)postgres([:@]|$)/;

/** `config` is in today's syntax. */
export function describeFound(found: HandWritten, config: string, gateway: string): Found {
  const { compose, folder, variables } = found;
  const { services } = readComposeModel(parseYaml(compose.text, compose.name), folder, variables);
  const database = services.find(({ image = '' }) => POSTGRES.test(image));
  const hosts = new Set(writtenRoutes(config).flatMap(({ to }) => to.map((url) => URL.parse(url)?.hostname ?? '')));
  return {
    config: found.config.name,
    compose: compose.name,
    gateway: { service: gateway, image: imageOf(services.find(({ name }) => name === gateway)) },
    routes: routesOf(config),
    ...(database
      ? {
          database: {
            service: database.name,
            image: imageOf(database),
            trust: database.environment['POSTGRES_HOST_AUTH_METHOD'] === 'trust',
          },
        }
      : {}),
    servers: services
      .filter(({ name, aliases }) => hosts.has(name) || aliases.some((alias) => hosts.has(alias)))
      .map((service) => ({ service: service.name, image: imageOf(service) })),
    ports: services.flatMap(({ name, ports }) => ports.map((port) => `${name} ${portText(port)}`)),
    signIn: signInOf(config),
  };
}

function portText({ host, published, target }: ComposeService['ports'][number]): string {
  const outside = published === undefined ? '' : published === String(target) ? '' : `${published}:`;
  return `${host === undefined ? '' : `${host}:`}${outside}${target}`;
}

function imageOf(service: ComposeService | undefined): string {
  return service?.image ?? 'an image that is built';
}

function routesOf(config: string): Found['routes'] {
  const { routes } = dataOf(config);
  return writtenRoutes(config).map(({ index, name, from, to }) => {
    const { mcp } = recordOf(Array.isArray(routes) ? (routes[index] as unknown) : undefined);
    const kind = 'server' in recordOf(mcp) ? 'server' : 'client' in recordOf(mcp) ? 'client' : 'plain';
    return { name, from, to: to.join(', '), kind };
  });
}

/** Pomerium v0.33.1: without an authenticate service of its own, its hosted one. */
function signInOf(config: string): string {
  const { authenticate_service_url: url, idp_provider: provider, idp_provider_url: at } = dataOf(config);
  if (typeof url !== 'string') return 'Pomerium’s hosted service';
  const name = typeof provider === 'string' ? provider : 'no provider named in the file';
  return `${name}${typeof at === 'string' ? ` at ${at}` : ''}, through ${url}`;
}
