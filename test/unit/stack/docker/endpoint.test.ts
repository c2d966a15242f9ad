import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findEndpoint, parseEndpoint, readContext } from '../../../../src/stack/docker/endpoint.ts';
import { temporaryFolder } from '../../../helpers/program.ts';

const CONTEXT = {
  Name: 'colima',
  Endpoints: { docker: { Host: 'unix:///Users/me/.colima/default/docker.sock', SkipTLSVerify: false } },
  TLSMaterial: {},
  Storage: { MetadataPath: '/x', TLSPath: '/Users/me/.docker/contexts/tls/f24f' },
};

test('DOCKER_HOST wins', async () => {
  expect(await findEndpoint({ DOCKER_HOST: 'unix:///run/user/1000/docker.sock', DOCKER_CONTEXT: 'colima' })).toEqual({
    kind: 'socket',
    path: '/run/user/1000/docker.sock',
  });
});

test('without a context it is the usual socket, and no program is asked', async () => {
  const folder = await temporaryFolder('docker-config');
  expect(await findEndpoint({ DOCKER_CONFIG: folder, PATH: '/nowhere' })).toEqual({
    kind: 'socket',
    path: '/var/run/docker.sock',
  });
  await writeFile(join(folder, 'config.json'), '{"currentContext": "default"}');
  expect(await findEndpoint({ DOCKER_CONFIG: folder, PATH: '/nowhere' })).toMatchObject({
    path: '/var/run/docker.sock',
  });
});

test('another context is asked of the docker CLI', async () => {
  const folder = await temporaryFolder('docker-config');
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(folder, 'config.json'), '{"auths": {}, "currentContext": "colima"}');
  await writeFile(join(bin, 'docker'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify([CONTEXT])}\nEND\n`, { mode: 0o755 });
  const env = { DOCKER_CONFIG: folder, PATH: `${bin}:/usr/bin:/bin` };
  expect(await findEndpoint(env)).toEqual({ kind: 'socket', path: '/Users/me/.colima/default/docker.sock' });
  await expect(findEndpoint({ ...env, PATH: '/nowhere' })).rejects.toMatchObject({ code: 'DOCKER_MISSING' });
});

test('TLS files of a context lie in its folder', () => {
  expect(readContext(JSON.stringify([CONTEXT]))).toEqual({ host: CONTEXT.Endpoints.docker.Host });
  expect(readContext(JSON.stringify([{ ...CONTEXT, TLSMaterial: { docker: ['ca.pem'] } }])).tlsFolder).toBe(
    '/Users/me/.docker/contexts/tls/f24f/docker',
  );
});

test('TCP has a port, also where none is named', () => {
  expect(parseEndpoint('tcp://192.168.1.5')).toEqual({ kind: 'tcp', host: '192.168.1.5', port: 2375 });
  expect(parseEndpoint('tcp://[::1]:2376', { ca: 'PEM' })).toEqual({
    kind: 'tcp',
    host: '::1',
    port: 2376,
    tls: { ca: 'PEM' },
  });
});

test('an engine behind ssh cannot see this machine’s files', () => {
  expect(() => parseEndpoint('ssh://me@host')).toThrow(expect.objectContaining({ code: 'DOCKER_ENDPOINT' }) as Error);
});

test('what a variable has chosen is mended at the variable, since it beats every context', async () => {
  const DOCKER_HOST = 'nonsense';
  await expect(findEndpoint({ DOCKER_HOST })).rejects.toMatchObject({ fix: 'unset DOCKER_HOST' });
  const bin = await temporaryFolder('docker-bin');
  await writeFile(join(bin, 'docker'), '#!/bin/sh\necho \'context "nosuch": context not found\' >&2\nexit 1\n', {
    mode: 0o755,
  });
  const env = { DOCKER_CONTEXT: 'nosuch', PATH: `${bin}:/usr/bin:/bin` };
  await expect(findEndpoint(env)).rejects.toMatchObject({ code: 'DOCKER_ENDPOINT', fix: 'unset DOCKER_CONTEXT' });
});
