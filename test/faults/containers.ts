import type { ContainerState, DockerState, Patient } from '../../src/doctor/patient.ts';
import type { Place } from '../unit/doctor/world.ts';

const container = (service: string, changes: Partial<ContainerState> = {}): ContainerState => ({
  service,
  state: 'running',
  health: 'healthy',
  startedAt: '2026-01-01T00:00:00Z',
  restarts: 0,
  exitCode: 0,
  outOfMemory: false,
  error: '',
  aliases: ['whoami.localhost', 'authenticate.localhost'],
  replaced: [],
  ...changes,
});

const HEALTHY: DockerState = {
  version: '28.0.0',
  architecture: 'amd64',
  composeVersion: '2.40.0',
  containers: [container('pomerium'), container('postgres')],
  images: [],
  volumes: ['gw_postgres-data'],
  declaredVolumes: ['gw_postgres-data'],
  passwordFits: true,
};

/** Puts a project on a Docker Engine whose containers are well but for this. */
export async function onDocker(
  place: Place,
  gateway: Partial<ContainerState> = {},
  engine: Partial<DockerState> = {},
): Promise<Pick<Patient, 'docker'>> {
  await place.edit('docker-compose.yaml', (text) => text.replace('engine: embedded', 'engine: docker'));
  const containers = [container('pomerium', gateway), container('postgres')];
  return { docker: async () => ({ ...HEALTHY, containers, ...engine }) };
}
