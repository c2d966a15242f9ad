import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../../../src/project/index.ts';
import { composeDigest, composeEnvironment } from '../../../../src/stack/docker/environment.ts';
import { temporaryProject } from '../../project/helpers.ts';

async function edit(folder: string, file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(join(folder, file), 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(join(folder, file), changed);
}

test('a new project needs nothing from the environment: Compose by hand finds the same settings', async () => {
  const folder = await temporaryProject();
  expect(composeEnvironment(await loadProject(folder, {}), { PATH: '/bin' })).toEqual({ PATH: '/bin' });
});

test('edited users reach the identity provider', async () => {
  const folder = await temporaryProject();
  await edit(folder, 'docker-compose.yaml', (text) => text.replace('name: Gil Guest', 'name: Gil Visitor'));
  const users = JSON.parse(composeEnvironment(await loadProject(folder, {}), {})['IDP_USERS'] ?? '') as Record<
    string,
    unknown
  >;
  expect(users['guest']).toMatchObject({ name: 'Gil Visitor' });
  expect(Object.keys(users)).toContain('member');
});

test('a configuration with ${NAME} is mounted from where it is filled in', async () => {
  const folder = await temporaryProject();
  await edit(folder, 'pomerium-config.yaml', (text) => `${text}# \${NOT_MEANT}\n`);
  expect(composeEnvironment(await loadProject(folder, {}), {})['POMERIUM_CONFIG']).toBeUndefined();
  await edit(folder, 'pomerium-config.yaml', (text) =>
    text.replace('idp_client_id: mcpgw', 'idp_client_id: ${CLIENT}'),
  );
  const project = await loadProject(folder, { CLIENT: 'x' });
  expect(composeEnvironment(project, {})['POMERIUM_CONFIG']).toBe(project.paths.renderedConfig);
});

test('the digest follows everything that Compose reads, and nothing else', async () => {
  const folder = await temporaryProject();
  const digest = async (): Promise<string> => composeDigest(await loadProject(folder, {}), {});
  const first = await digest();
  await edit(folder, 'pomerium-config.yaml', (text) => `${text}# a comment\n`);
  expect(await digest()).toBe(first);
  await edit(folder, '.env', (text) => `${text}\nPOSTGRES_IMAGE=postgres:17.2\n`);
  const second = await digest();
  await writeFile(join(folder, 'docker-compose.override.yaml'), 'services: {}\n');
  expect(new Set([first, second, await digest()]).size).toBe(3);
});

test('so it does what the shell says, and settings in files that it does not know', async () => {
  const folder = await temporaryProject();
  const digest = async (env: Record<string, string> = {}): Promise<string> =>
    composeDigest(await loadProject(folder, {}), env);
  const first = await digest();
  expect(await digest({ UNRELATED: 'x' })).toBe(first);
  expect(await digest({ COMPOSE_PROFILES: 'debug' })).not.toBe(first);
  await edit(folder, 'docker-compose.yaml', (text) =>
    text.replace('restart: unless-stopped', 'restart: ${RESTART:-no}'),
  );
  expect(await digest({ RESTART: 'always' })).not.toBe(await digest());
  await edit(folder, 'docker-compose.yaml', (text) =>
    text.replace('    environment:', '    env_file: more.env\n    environment:'),
  );
  expect(await digest()).not.toBe(await digest());
});
