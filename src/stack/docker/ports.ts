import { CliError } from '../../errors.ts';
import { addressesTaken } from '../../net/ports.ts';
import { portBusy } from '../port-busy.ts';
import type { ComposeModel, Roles } from './compose-model.ts';
import type { Container } from './container.ts';
import type { DockerApi } from './docker-api.ts';

/** Throws PORT_BUSY, with the process or container that holds it, for a port that this project wants and does not hold itself. */
export async function assertPortsFree(
  api: DockerApi,
  { services }: ComposeModel,
  containers: readonly Container[],
  roles: Roles,
): Promise<void> {
  const held = new Set(
    containers.filter(({ state }) => state === 'running').flatMap(({ ports }) => ports.map(({ port }) => port)),
  );
  const wanted = services.flatMap(({ name, ports }) => ports.map(({ port }) => ({ name, port })));
  for (const { name, port } of wanted) {
    if (port === 0 || held.has(port) || (await addressesTaken(port)).length === 0) continue;
    const fix =
      name === roles.gateway
        ? `or move this project: mcpgw up --port ${port + 1000} --save`
        : `or give ${name} another port in docker-compose.yaml`;
    const container = await api.holderOf(port);
    throw container === undefined ? await portBusy(port, name, fix) : heldByContainer(port, name, container, fix);
  }
}

function heldByContainer(port: number, service: string, container: string, fix: string): CliError {
  return new CliError({
    code: 'PORT_BUSY',
    message: `port ${port} (${service}) is held by the container ${container}`,
    fix: `stop it: docker stop ${container}\n${fix}`,
    details: { port, container },
  });
}
