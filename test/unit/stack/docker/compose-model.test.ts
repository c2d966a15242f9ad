import { expect, test } from 'vitest';
import { readModel, rolesOf } from '../../../../src/stack/docker/compose-model.ts';

/** As Compose 2.26 prints it; shortened. */
const CONFIG = JSON.stringify({
  name: 'gw',
  services: {
    door: {
      command: null,
      environment: { SHARED_SECRET: 'x', UNSET: null },
      image: 'pomerium/pomerium:v0.33.1',
      ports: [
        { mode: 'ingress', host_ip: '127.0.0.1', target: 8443, published: '8443', protocol: 'tcp' },
        { target: 80 },
      ],
      volumes: [
        { type: 'bind', source: '/home/me/gw/pomerium-config.yaml', target: '/pomerium/config.yaml', read_only: true },
      ],
    },
    people: { environment: { IDP_ISSUER: 'http://idp.localhost:9080' }, image: 'mcpgw:0.1.0' },
    db: { environment: { POSTGRES_PASSWORD: 'x' }, image: 'postgres:17' },
    own: { build: { context: '/home/me/own', dockerfile: 'Dockerfile' } },
  },
});

test('Compose’s reading of the files becomes the model', () => {
  const model = readModel(CONFIG, 'door 0a1b\npeople 2c3d\ndb 4e5f\nown 6789\n');
  expect(model.name).toBe('gw');
  expect(model.services.map(({ name, image, hash, builds }) => [name, image, hash, builds])).toEqual([
    ['door', 'pomerium/pomerium:v0.33.1', '0a1b', false],
    ['people', 'mcpgw:0.1.0', '2c3d', false],
    ['db', 'postgres:17', '4e5f', false],
    ['own', 'gw-own', '6789', true],
  ]);
  expect(model.services[0]).toMatchObject({
    ports: [{ host: '127.0.0.1', port: 8443, target: 8443 }],
    environment: { SHARED_SECRET: 'x' },
  });
});

test('roles are known by what a service mounts and is told, whatever its name', () => {
  expect(rolesOf(readModel(CONFIG, '').services)).toEqual({ gateway: 'door', idp: 'people', database: 'db' });
  const named = ['pomerium', 'postgres', 'idp'].map((name) => ({ name, mounts: [], environment: {} }));
  expect(rolesOf(named)).toEqual({ gateway: 'pomerium', idp: 'idp', database: 'postgres' });
  expect(rolesOf([])).toEqual({});
});
