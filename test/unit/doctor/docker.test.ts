import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/doctor/check.ts';
import type { ContainerState, DockerState } from '../../../src/doctor/patient.ts';
import { createPlace, patientAt, runCheck, type Place } from './world.ts';

const container = (service: string, changes: Partial<ContainerState> = {}): ContainerState => ({
  service,
  state: 'running',
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
  containers: [container('pomerium', { health: 'healthy' }), container('postgres', { health: 'healthy' })],
  images: [{ service: 'pomerium', name: 'pomerium/pomerium:v0.33.1', architecture: 'amd64' }],
  volumes: ['gw_postgres-data'],
  declaredVolumes: ['gw_postgres-data'],
  passwordFits: true,
};

async function dockerPlace(): Promise<Place> {
  const place = await createPlace('docker');
  await place.edit('docker-compose.yaml', (text) => text.replace('engine: embedded', 'engine: docker'));
  return place;
}

async function look(id: string, changes: Partial<DockerState>): Promise<Finding> {
  const place = await dockerPlace();
  return runCheck(id, patientAt(place.folder, { docker: async () => ({ ...HEALTHY, ...changes }) }));
}

const IDS = Array.from({ length: 12 }, (_, i) => `DKR-${String(i + 1).padStart(2, '0')}`);

describe('Docker', () => {
  test.each(IDS)('%s finds nothing wrong with healthy containers', async (id) => {
    expect(await look(id, {})).toMatchObject({ kind: 'ok' });
  });

  test.each<[string, Partial<DockerState>, string, RegExp]>([
    ['DKR-02', { composeVersion: '1.29.2' }, 'failure', /1\.29\.2 is too old/],
    ['DKR-03', { images: [{ service: 'a', name: 'a:1' }] }, 'warning', /not here yet: a:1/],
    ['DKR-04', { images: [{ service: 'a', name: 'a:1', architecture: 'arm64' }] }, 'failure', /is for arm64/],
    ['DKR-05', { foreignFolder: '/elsewhere' }, 'failure', /\/elsewhere has containers/],
    [
      'DKR-06',
      { containers: [container('idp', { state: 'exited', exitCode: 3 })] },
      'failure',
      /idp is exited: exit code 3/,
    ],
    ['DKR-06', { containers: [container('idp', { state: 'exited', outOfMemory: true })] }, 'failure', /want of memory/],
    ['DKR-07', { containers: [container('idp', { restarts: 4 })] }, 'warning', /idp 4 times/],
    ['DKR-08', { containers: [container('pomerium', { health: 'unhealthy' })] }, 'failure', /unhealthy/],
    ['DKR-08', { containers: [container('pomerium', { health: 'starting' })] }, 'warning', /still starting/],
    ['DKR-09', { containers: [container('pomerium', { replaced: ['/p/c.yaml'] })] }, 'failure', /former \/p\/c\.yaml/],
    ['DKR-10', { volumes: [] }, 'warning', /gw_postgres-data/],
    [
      'DKR-11',
      { containers: [container('pomerium', { aliases: [] })] },
      'failure',
      /does not answer to whoami\.localhost/,
    ],
    ['DKR-12', { passwordFits: false }, 'failure', /refuses POSTGRES_PASSWORD/],
  ])('%s tells %j', async (id, changes, kind, text) => {
    expect(await look(id, changes)).toMatchObject({ kind, text: expect.stringMatching(text) as unknown });
  });

  test('a container that has only just started is given a minute', async () => {
    const young = container('idp', { health: 'starting', startedAt: '2999-01-01T00:00:00Z' });
    expect(await look('DKR-08', { containers: [young] })).toEqual({ kind: 'skipped', reason: 'idp started just now' });
  });

  test('is not looked at where another engine runs the project', async () => {
    const place = await createPlace('embedded');
    expect(await place.finding('DKR-01')).toEqual({ kind: 'skipped', reason: 'the engine is embedded, not docker' });
  });

  test('that is out of reach is told with its own fix', async () => {
    const place = await dockerPlace();
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    expect(await place.finding('DKR-01', { env })).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('/nowhere/docker.sock') as unknown,
    });
  });
});
