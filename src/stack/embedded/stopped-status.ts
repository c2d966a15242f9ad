import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { StackStatus } from '../engine.ts';
import { describeRoutes, gatewayUrl } from '../routes.ts';
import { backgroundEngine, runnableServices } from './wanted.ts';

/** The status of a project that does not run, from its files alone. */
export function stoppedStatus(project: Project, options: Options): StackStatus {
  const { settings, name, folder } = project;
  const off = { state: 'stopped', health: 'unhealthy', restarts: 0 } as const;
  return {
    engine: backgroundEngine(settings),
    project: { name, folder },
    state: 'stopped',
    gateway: { url: gatewayUrl(settings.domain, settings.port) },
    services: [
      { name: 'gateway', kind: 'gateway', ...off },
      ...(settings.idp ? [{ name: 'idp', kind: 'identity provider', ...off } as const] : []),
      ...runnableServices(project).map((service) => ({ name: service.name, kind: 'server', ...off }) as const),
    ],
    routes: describeRoutes(options),
    users: [],
    pending: [],
  };
}
