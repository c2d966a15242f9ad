import { expect, test } from 'vitest';
import type { ComposeModel } from '../../../../src/stack/docker/compose-model.ts';
import { planChanges, type Situation } from '../../../../src/stack/docker/plan-changes.ts';
import { container } from './helpers.ts';

const service = (name: string, image = `${name}:1`): ComposeModel['services'][number] => ({
  name,
  image,
  hash: `hash of ${name}`,
  ports: [],
  mounts: [],
  environment: {},
  builds: false,
});

const model: ComposeModel = {
  name: 'gw',
  services: [service('postgres'), service('pomerium'), service('mcp-servers', 'mcpgw:1')],
};

const running = model.services.map(({ name, image, hash }) =>
  container({ service: name, configHash: hash, image: { name: image, id: `sha256:${image}` } }),
);

function situation(change: Partial<Situation> = {}): Situation {
  return {
    model,
    containers: running,
    images: new Map(model.services.map(({ image }) => [image, `sha256:${image}`])),
    own: new Map([['mcpgw:1', 'current']]),
    gateway: 'pomerium',
    isConfigReplaced: false,
    isConfigChanged: false,
    certificate: undefined,
    ...change,
  };
}

const texts = (change: Partial<Situation>): string[] => planChanges(situation(change)).map(({ text }) => text);
const without = (name: string): typeof running => running.filter((one) => one.service !== name);

test('does nothing where everything is as the files want it', () => {
  expect(planChanges(situation())).toEqual([]);
});

test('starts everything, and says what has to be fetched and built before', () => {
  expect(
    texts({ containers: [], images: new Map([['postgres:1', 'sha256:p']]), own: new Map([['mcpgw:1', 'missing']]) }),
  ).toEqual(['pull pomerium:1', 'build mcpgw:1', 'start postgres, pomerium, mcp-servers']);
});

test('a stopped project is started as a whole, certificate and configuration included', () => {
  const stopped = running.map((one) => ({ ...one, state: 'exited' as const, exitCode: 137 }));
  expect(texts({ containers: stopped, isConfigChanged: true, certificate: 'it ends soon' })).toEqual([
    'start postgres, pomerium, mcp-servers',
  ]);
});

test.each([
  ['its settings changed', { containers: [...without('pomerium'), container({ configHash: 'another' })] }],
  ['its image changed', { images: new Map([['pomerium:1', 'sha256:newer']]) }],
])('restarts a service and says why: %s', (reason, change) => {
  expect(
    texts({ ...change, images: new Map([...situation().images, ...((change as Partial<Situation>).images ?? [])]) }),
  ).toEqual([`restart pomerium: ${reason}`]);
});

test('builds our image anew and restarts what runs from it when this program has other files', () => {
  expect(texts({ own: new Map([['mcpgw:1', 'outdated']]) })).toEqual([
    'build mcpgw:1: this mcpgw has other files',
    'restart mcp-servers: its image changed',
  ]);
});

test('starts what is missing or has ended, and stops what is not in the files', () => {
  const ended = {
    ...container({ service: 'postgres', configHash: 'hash of postgres' }),
    state: 'exited' as const,
    exitCode: 1,
  };
  const image = { name: 'postgres:1', id: 'sha256:postgres:1' };
  const containers = [
    { ...ended, image },
    ...running.filter(({ service }) => service === 'pomerium'),
    container({ service: 'old' }),
  ];
  expect(texts({ containers })).toEqual([
    'start postgres: it has ended (exit code 1)',
    'start mcp-servers',
    'stop old: it is not in the files',
  ]);
});

test('a changed configuration restarts nothing: Pomerium takes it over by itself', () => {
  const [step, ...others] = planChanges(situation({ isConfigChanged: true }));
  expect(others).toEqual([]);
  expect(step).toMatchObject({ kind: 'reload-gateway' });
});

test('a file that an editor replaced under its mount restarts the gateway alone', () => {
  expect(texts({ isConfigReplaced: true, isConfigChanged: true })).toEqual([
    'restart pomerium: an editor replaced pomerium-config.yaml under its mount',
  ]);
});

test('a gateway that is made anew sees the replaced file anyway', () => {
  const containers = [...without('pomerium'), container({ configHash: 'another' })];
  expect(
    texts({ containers, images: new Map(), own: new Map(), isConfigReplaced: true }).filter((text) =>
      text.startsWith('restart'),
    ),
  ).toEqual(['restart pomerium: its settings changed']);
});

test('says why a certificate is issued', () => {
  expect(texts({ certificate: 'it does not name new.localhost' })).toEqual([
    'issue the certificate: it does not name new.localhost',
  ]);
});
