import type { Route } from '../pomerium/model.ts';
import type { ComposeService } from '../project/index.ts';
import type { Path, Subject } from './rule.ts';

export interface PlacedRoute {
  route: Route;
  path: Path;
}

/** The routes of a configuration with which Pomerium starts, and where each stands. */
export function routesOf({ config: { options, data } }: Subject): PlacedRoute[] {
  // `policy` is the older name of the list.
  const list = data['routes'] === undefined ? 'policy' : 'routes';
  return (options?.routes ?? []).map((route, i) => ({ route, path: [list, i] }));
}

export function serverRoutesOf(subject: Subject): PlacedRoute[] {
  return routesOf(subject).filter(({ route }) => route.mcp?.server);
}

/** Whether the project has any MCP server; most rules are about those. */
export function hasServers(subject: Subject): boolean {
  return serverRoutesOf(subject).length > 0;
}

/** The compose service that runs Pomerium. */
export function pomeriumService({ compose }: Pick<Subject, 'compose'>): ComposeService | undefined {
  const services = compose?.model.services ?? [];
  return (
    services.find(({ image = '' }) => /(^|\/)pomerium\/pomerium(:|@|$)/.test(image)) ??
    services.find(({ name }) => name === 'pomerium')
  );
}

/** Whether Pomerium runs in a container, where names and addresses mean other things than on the machine. */
export function runsInContainer(subject: Pick<Subject, 'compose'>): boolean {
  const { engine = 'docker' } = subject.compose ?? {};
  return engine === 'docker' && pomeriumService(subject) !== undefined;
}

/** `tag` of `registry/name:tag@digest`; `latest` where there is none, as Docker reads it. */
export function tagOf(image: string): string | undefined {
  const [name = '', digest] = image.split('@');
  const tag = /:([\w.-]+)$/.exec(name)?.[1];
  return tag ?? (digest === undefined ? 'latest' : undefined);
}

export function hostnameOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}

/** The port that is meant, also where the URL leaves it out. */
export function portOf(url: string): number {
  const parsed = URL.parse(url);
  return Number(parsed?.port || (parsed?.protocol === 'http:' ? 80 : 443));
}

/** The port at the end of a listen address. */
export function listenPort(address: string): number {
  return Number(/:(\d+)$/.exec(address)?.[1] ?? Number.NaN);
}

/** Whether a setting is given in the file or by the environment, which beats it. */
export function isSet({ config: { data }, environment }: Subject, key: string): boolean {
  return isThere(data[key]) || isThere(environment[key.toUpperCase()]);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
