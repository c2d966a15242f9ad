import type { Options } from '../../pomerium/model.ts';
import type { ProjectSettings } from '../../project/index.ts';
import { parseListenAddress } from '../listen-address.ts';
import { assertPortFree } from '../port-busy.ts';

/** What decides about the ports of a project. */
export interface PortSettings {
  options: Pick<Options, 'address'>;
  settings: Pick<ProjectSettings, 'idp'>;
}

/** Throws PORT_BUSY when a port that the project wants is taken. Those that it holds already, by `held`, are left out. */
export async function assertPortsFree({ options, settings }: PortSettings, held?: PortSettings): Promise<void> {
  const { port } = parseListenAddress(options.address);
  const idp = settings.idp?.port;
  const isNew = held === undefined || held.options.address !== options.address;
  await Promise.all([
    isNew && assertPortFree(port, 'the gateway', `or move this project: mcpgw up --port ${port + 1000} --save`),
    idp !== undefined &&
      idp !== held?.settings.idp?.port &&
      assertPortFree(idp, 'the development identity provider', movedIdp(idp)),
  ]);
}

/** Its port stands in the compose file and in the URL that the gateway knows. Perl does the same on Linux and macOS. */
function movedIdp(port: number): string {
  const files = 'docker-compose.yaml pomerium-config.yaml README.md';
  return `or give it another port: perl -pi -e 's/\\b${port}\\b/${port + 1000}/g' ${files}`;
}
