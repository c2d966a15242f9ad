import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { ServiceState, ServiceStatus, StackStatus } from '../engine.ts';
import { certificateNames, describeRoutes, gatewayUrl } from '../routes.ts';
import type { Roles } from './compose-model.ts';
import type { Container } from './container.ts';
import type { DockerApi } from './docker-api.ts';
import { judge } from './health.ts';
import { fetchLog } from './log-fetch.ts';
import { seenUsers, type SeenUser } from './seen-users.ts';
import { readServedCertificate } from './served-certificate.ts';
import type { DockerState } from './state-file.ts';

export interface StatusScene {
  api: DockerApi;
  containers: readonly Container[];
  project: Project;
  options: Options;
  roles: Roles;
  /** Every service of the files, in their order. */
  services: readonly string[];
  state: DockerState | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

/** Lines of the gateway's log in which users are looked for. */
const LOOKED_AT = 1_000;

const STATES: Record<Container['state'], ServiceState> = {
  created: 'starting',
  running: 'running',
  paused: 'stopped',
  restarting: 'crashed',
  removing: 'stopped',
  exited: 'stopped',
  dead: 'failed',
};

/** What the containers are and do, in the shape of every engine. */
export async function describeStack(scene: StatusScene): Promise<StackStatus> {
  const { project, options, containers, roles, state } = scene;
  const { settings, name, folder } = project;
  const gateway = containers.find(({ service }) => service === roles.gateway);
  const port = gateway?.ports.find((one) => one.port === settings.port) ?? gateway?.ports[0];
  const [host = settings.domain] = certificateNames(options);
  const [certificate, services, users] = await Promise.all([
    port && gateway?.state === 'running'
      ? readServedCertificate({ host: '127.0.0.1', port: port.port }, host)
      : undefined,
    Promise.all(scene.services.map(async (service) => describeService(service, scene))),
    gateway?.state === 'running' ? usersOf(gateway, scene) : [],
  ]);
  // Docker's own health check comes seconds late; a gateway that answers over TLS is up, unless that check has failed.
  const judged = services.map((service): ServiceStatus => {
    if (service.kind !== 'gateway' || gateway?.state !== 'running' || gateway.health === 'unhealthy') return service;
    const { detail: _detail, ...rest } = service;
    if (certificate) return { ...rest, state: 'running', health: 'healthy' };
    return { ...rest, health: 'unhealthy', detail: `port ${port?.port ?? settings.port} does not answer` };
  });
  const since = containers
    .map(({ startedAt }) => startedAt)
    .filter((time) => !time.startsWith('0001'))
    .sort()[0];
  return {
    engine: 'docker',
    project: { name, folder },
    state: stateOf(judged),
    ...(since === undefined ? {} : { startedAt: since }),
    gateway: {
      url: gatewayUrl(settings.domain, settings.port),
      ...(port ? { address: `${port.host}:${port.port}` } : {}),
    },
    ...(certificate ? { certificate } : {}),
    services: judged,
    routes: describeRoutes(options, (route) => state?.tools[route.from]),
    users,
    pending: [],
  };
}

async function usersOf(gateway: Container, { api, options, now }: StatusScene): Promise<SeenUser[]> {
  return seenUsers(await fetchLog(api, gateway, { tail: LOOKED_AT }), now - options.cookie_expire);
}

/** What runs while the project's files cannot be read: services, and nothing that the files would say. */
export async function describeContainers(
  api: DockerApi,
  containers: readonly Container[],
  { folder, name, fault }: { folder: string; name: string; fault: string },
): Promise<StackStatus> {
  const roles = { gateway: 'pomerium', idp: 'idp', database: 'postgres' };
  const services = await Promise.all(
    containers.map(async ({ service }) => describeService(service, { api, containers, roles })),
  );
  return {
    engine: 'docker',
    project: { name, folder },
    state: stateOf(services),
    gateway: { url: '' },
    services,
    routes: [],
    users: [],
    pending: [`nothing: ${fault}`],
  };
}

async function describeService(
  name: string,
  { api, containers, roles }: Pick<StatusScene, 'api' | 'containers' | 'roles'>,
): Promise<ServiceStatus> {
  const kind = kindOf(name, roles);
  const container = containers.find(({ service }) => service === name);
  if (!container) return { name, kind, state: 'stopped', health: 'unhealthy', restarts: 0 };
  const verdict = judge(container, container.restarts);
  const [address] = container.ports.map(({ host, port }) => `${host}:${port}`);
  const image = await api.image(container.image.id);
  return {
    name,
    kind,
    state: container.state === 'running' && verdict.kind === 'waiting' ? 'starting' : STATES[container.state],
    health: verdict.kind === 'ready' ? 'healthy' : verdict.kind === 'waiting' ? 'unknown' : 'unhealthy',
    ...(address === undefined ? {} : { address }),
    ...(verdict.text === '' ? {} : { detail: verdict.text }),
    image: { name: container.image.name, digest: digestOf(image?.digest) ?? container.image.id },
    restarts: container.restarts,
  };
}

function kindOf(name: string, { gateway, idp, database }: Roles): ServiceStatus['kind'] {
  if (name === gateway) return 'gateway';
  if (name === idp) return 'identity provider';
  return name === database ? 'database' : 'server';
}

function stateOf(services: readonly ServiceStatus[]): StackStatus['state'] {
  if (services.every(({ state }) => state === 'stopped')) return 'stopped';
  if (services.every(({ health }) => health === 'healthy')) return 'running';
  return services.some(({ health }) => health === 'unhealthy') ? 'unhealthy' : 'starting';
}

/** `sha256:...` of `name@sha256:...`. */
function digestOf(repoDigest: string | undefined): string | undefined {
  return repoDigest?.slice(repoDigest.indexOf('@') + 1);
}
