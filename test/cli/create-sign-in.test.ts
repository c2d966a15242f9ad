import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { run, screen, type CreateOptions, type CreateResult } from '../../src/commands/create.ts';
import { loadProject, parseEnvFile, readProjectSettings } from '../../src/project/index.ts';
import { IDENTITY_PROVIDERS } from '../../src/scaffold/index.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext, type TestContext, type TestContextOptions } from '../helpers/context.ts';
import { failureOf, temporaryFolder } from '../unit/project/helpers.ts';

const plain = styleFor(testContext().stdout, { COLUMNS: '80' });
const PUBLIC: CreateOptions = { folder: 'gw', yes: true, domain: 'gw.example.com', allow: '@example.com' };

let cwd = '';
beforeEach(async () => {
  cwd = await temporaryFolder();
});

const context = (options: TestContextOptions = {}): TestContext => testContext({ cwd, ...options });
const create = async (options: CreateOptions, more: TestContextOptions = {}): Promise<CreateResult> =>
  run(context(more), { ...PUBLIC, ...options });
const textOf = async (file: string): Promise<string> => readFile(join(cwd, 'gw', file), 'utf8');

describe('create --sign-in', () => {
  test('writes what it is told, the secret into .env alone', async () => {
    const env = { MCPGW_IDP_CLIENT_SECRET: 'shh-secret' };
    const options = { signIn: 'keycloak', idpUrl: 'https://id.example.com/realms/x', idpClientId: 'gw' };
    const result = await create(options, { env });
    expect(result).toMatchObject({ signIn: 'keycloak', missing: [] });
    const { parsed, placeholders } = await loadProject(join(cwd, 'gw'), {});
    expect(parsed.options).toMatchObject({
      idp_provider: 'oidc',
      idp_provider_url: 'https://id.example.com/realms/x',
      idp_client_id: 'gw',
      authenticate_service_url: 'https://authenticate.gw.example.com',
    });
    expect(placeholders).toEqual([]);
    expect(parseEnvFile(await textOf('.env'))['IDP_CLIENT_SECRET']).toBe('shh-secret');
    const others = await Promise.all(
      ['pomerium-config.yaml', 'docker-compose.yaml', '.env.example', 'README.md'].map(textOf),
    );
    expect(others.join() + JSON.stringify(result) + screen(result, plain)).not.toContain('shh-secret');
  });

  test('again in its own project, nothing is asked and nothing differs', async () => {
    const env = { MCPGW_IDP_CLIENT_SECRET: 's' };
    await create({ signIn: 'okta', idpUrl: 'https://acme.okta.com', idpClientId: 'gw' }, { env });
    const result = await run(context({ interactive: true }), { folder: 'gw' });
    expect(result).toMatchObject({ kind: 'compared', signIn: 'okta', missing: [] });
    expect(result.files.map(({ action }) => action)).toEqual(result.files.map(() => 'same'));
  });

  test('what nobody says is left to be filled in, and named', async () => {
    const result = await create({ signIn: 'auth0' });
    expect(result.missing).toEqual([
      'idp_provider_url in pomerium-config.yaml',
      'idp_client_id in pomerium-config.yaml',
      'IDP_CLIENT_SECRET in .env',
    ]);
    const { placeholders } = await loadProject(join(cwd, 'gw'), {});
    expect(placeholders.map(({ name }) => name)).toEqual(['YOUR-IDENTITY-PROVIDER', 'YOUR-CLIENT-ID']);
  });

  test('asks in a terminal, after it has said which redirect URI to register', async () => {
    const answers = ['https://id.example.com', 'an-id', 'a-secret'];
    const ctx = context({ interactive: true, answers });
    const known = { folder: 'gw', domain: 'gw.example.com', allow: '@example.com', servers: ['whoami'] };
    await run(ctx, { ...known, signIn: 'oidc' });
    expect(ctx.err()).toContain('https://authenticate.gw.example.com/oauth2/callback');
    expect((await loadProject(join(cwd, 'gw'), {})).parsed.options).toMatchObject({ idp_client_id: 'an-id' });
    expect(parseEnvFile(await textOf('.env'))['IDP_CLIENT_SECRET']).toBe('a-secret');
  });

  test.each(IDENTITY_PROVIDERS.map(({ name }) => name))(
    '%s makes a project that loads without an error',
    async (name) => {
      await create({ signIn: name, idpClientId: 'gw', servers: ['whoami'] });
      const { parsed } = await loadProject(join(cwd, 'gw'), {});
      expect(parsed.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect((await readProjectSettings(join(cwd, 'gw')))?.created).toMatchObject({ signIn: name, idpClientId: 'gw' });
      const long = (await textOf('pomerium-config.yaml'))
        .split('\n')
        .filter((line) => line.length > 100 && !line.includes('https://'));
      expect(long).toEqual([]);
    },
  );

  test.each([
    [{ signIn: 'google', allow: 'group:staff' }, 'sends no groups'],
    [{ signIn: 'hosted', allow: 'group:staff' }, 'knows no groups'],
    [{ signIn: 'googel' }, '`googel` is not one of'],
    [{ signIn: 'okta', idpUrl: 'http://acme.okta.com' }, 'no https URL'],
    [{ signIn: 'google', domain: 'localhost', folder: 'local' }, '`google` is not one of own'],
  ])('refuses %j', async (options, part) => {
    const error = await failureOf(create(options));
    expect(error).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(error.message).toContain(part);
  });
});
