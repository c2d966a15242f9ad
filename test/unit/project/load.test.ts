import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import { findProject, loadProject, renderConfig } from '../../../src/project/index.ts';
import { readServices } from '../../../src/project/services.ts';
import { readSettings } from '../../../src/project/settings.ts';
import { parseYaml } from '../../../src/project/yaml.ts';
import { failureOf, temporaryFolder, temporaryProject } from './helpers.ts';

async function edited(folder: string, path: string, change: (text: string) => string): Promise<string> {
  const file = join(folder, path);
  await writeFile(file, change(await readFile(file, 'utf8')));
  return folder;
}

/** A project whose configuration has one line more. */
async function projectWith(line: string, engine: string): Promise<string> {
  const folder = await edited(await temporaryProject(), 'pomerium-config.yaml', (text) => `${text}\n${line}\n`);
  return edited(folder, 'docker-compose.yaml', (text) => text.replace('engine: embedded', `engine: ${engine}`));
}

describe('finding', () => {
  test('looks upward from a folder below', async () => {
    const folder = await temporaryProject();
    const below = join(folder, 'servers', 'mine');
    await mkdir(below, { recursive: true });
    expect(await findProject(below)).toBe(folder);
    expect(await findProject(folder)).toBe(folder);
  });

  test('finds nothing outside, and takes a foreign compose file for no project', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'docker-compose.yaml'), 'services: {}\n');
    expect(await findProject(folder)).toBeUndefined();
  });

  test('a project whose compose file is lost is still found, so that the loss can be told', async () => {
    const folder = await temporaryProject();
    await rm(join(folder, 'docker-compose.yaml'));
    expect(await findProject(folder)).toBe(folder);
    expect(await failureOf(loadProject(folder, {}))).toMatchObject({
      code: 'PROJECT_FILE_MISSING',
      message: 'docker-compose.yaml is missing in this project',
      fix: expect.stringContaining('mcpgw create '),
    });
  });
});

describe('loading', () => {
  test('gives settings, services, secrets and the parsed configuration', async () => {
    const folder = await temporaryProject();
    const project = await loadProject(folder, {});
    expect(project).toMatchObject({ folder, name: 'my-gateway', placeholders: [] });
    expect(project.settings).toMatchObject({
      version: 1,
      domain: 'localhost',
      port: 8443,
      address: 'local',
      engine: 'embedded',
      idp: { port: 9080 },
    });
    expect(project.settings.users['member']).toEqual({
      email: 'member@example.com',
      name: 'Max Member',
      groups: ['staff'],
    });
    expect(project.parsed.problems).toEqual([]);
    expect(project.parsed.options?.routes.map((route) => route.from)).toEqual([
      'https://whoami.localhost:8443',
      'https://sqlite.localhost:8443',
    ]);
    expect(project.parsed.options).toMatchObject({
      shared_secret: project.secrets['SHARED_SECRET'],
      databroker_storage_type: 'file',
    });
    expect(project.services.map((service) => service.name)).toEqual(['postgres', 'pomerium', 'mcp-servers', 'idp']);
  });

  test('a service knows how it runs without Docker, with variables filled in', async () => {
    const { services, secrets } = await loadProject(await temporaryProject(), {});
    const servers = services.find((service) => service.name === 'mcp-servers');
    expect(servers).toMatchObject({
      run: ['mcpgw', 'serve', 'whoami', 'sqlite'],
      environment: { PORT: '8080', SQLITE_DB_FILE: 'data/library.sqlite', WHOAMI_ISSUERS: 'whoami.localhost' },
    });
    const idp = services.find((service) => service.name === 'idp');
    expect(idp?.run).toBeUndefined();
    expect(idp?.environment['IDP_CLIENT_SECRET']).toBe(secrets['IDP_CLIENT_SECRET']);
    expect(Object.keys(JSON.parse(idp?.environment['IDP_DEFAULT_USERS'] ?? '') as object)).toEqual([
      'admin',
      'member',
      'guest',
    ]);
  });

  test('a service of one’s own: one line as command, folder, port, environment as a list', async () => {
    const folder = await edited(await temporaryProject(), 'docker-compose.yaml', (text) =>
      text.replace(
        '\nservices:\n',
        '\nservices:\n  mine:\n    image: mine\n    environment: [A=1=2, "B=${WORD:-x}", HOME]\n    x-mcpgw: {run: node server.js, folder: ../mine, port: 7000}\n',
      ),
    );
    const { services } = await loadProject(folder, { HOME: '/home/me' });
    expect(services[0]).toEqual({
      name: 'mine',
      run: 'node server.js',
      port: 7000,
      folder: join(dirname(folder), 'mine'),
      environment: { A: '1=2', B: 'x', HOME: '/home/me' },
    });
  });

  test('a variable of the shell beats .env, an empty one does not', async () => {
    const folder = await temporaryProject({ files: { '.env': 'A=file\nB=file\n' } });
    expect((await loadProject(folder, { A: 'shell', B: '', C: 'other' })).secrets).toEqual({ A: 'shell', B: 'file' });
  });

  test('a public project names what is still to be filled in', async () => {
    const folder = await temporaryProject({
      answers: { address: 'public', domain: 'mcp.acme.com', port: 443, engine: 'docker' },
    });
    const { placeholders, configText, parsed } = await loadProject(folder, {});
    expect(placeholders.map((one) => one.name)).toEqual(['YOUR-IDENTITY-PROVIDER', 'YOUR-CLIENT-ID']);
    expect(parsed.problems).toEqual([
      expect.objectContaining({ code: 'PLACEHOLDER', severity: 'warning', position: placeholders[0]?.position }),
      expect.objectContaining({ code: 'PLACEHOLDER', message: 'YOUR-CLIENT-ID is still to be filled in' }),
    ]);
    expect(configText.split('\n')[(placeholders[1]?.position.line ?? 0) - 1]).toBe('idp_client_id: YOUR-CLIENT-ID');
  });

  test.each(['pomerium-config.yaml', '.env'])(
    '%s that is missing is told with a command that mends it',
    async (name) => {
      const folder = await temporaryProject();
      await rm(join(folder, name));
      expect(await failureOf(loadProject(folder, {}))).toMatchObject({
        code: 'PROJECT_FILE_MISSING',
        fix: expect.stringContaining('mcpgw create'),
      });
    },
  );

  test('a folder where a file should be, as Docker leaves it', async () => {
    const folder = await temporaryProject();
    await rm(join(folder, 'pomerium-config.yaml'));
    await mkdir(join(folder, 'pomerium-config.yaml'));
    const error = await failureOf(loadProject(folder, {}));
    expect(error.message).toContain('is a folder');
    expect(error['fix']).toContain('rmdir');
  });
});

describe('faults in docker-compose.yaml', () => {
  test.each([
    ['a tab', 'services:\n\tx: 1\n', 'YAML_SYNTAX', /^docker-compose\.yaml:2:1: /],
    ['an open quote', 'x-mcpgw:\n  domain: "local\n', 'YAML_SYNTAX', /^docker-compose\.yaml:\d+:\d+: /],
    ['a key twice', 'x-mcpgw: {}\nx-mcpgw: {}\n', 'YAML_SYNTAX', /^docker-compose\.yaml:2:1: /],
    ['an alias to nothing', 'x-mcpgw: *gone\n', 'YAML_SYNTAX', /^docker-compose\.yaml:1:\d+: /],
    ['no settings', 'services: {}\n', 'NO_SETTINGS', /no `x-mcpgw`/],
    ['an empty file', '', 'NO_SETTINGS', /no `x-mcpgw`/],
    ['a list', '- x\n', 'NO_SETTINGS', /no `x-mcpgw`/],
    [
      'a newer version',
      'x-mcpgw:\n  version: 2\n  new: true\n',
      'PROJECT_TOO_NEW',
      /^docker-compose\.yaml:2:12: x-mcpgw version 2 was written by a newer mcpgw/,
    ],
  ])('%s', async (_what, text, code, message) => {
    const folder = await temporaryProject({ files: { 'docker-compose.yaml': text } });
    expect(await failureOf(loadProject(folder, {}))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    ['  port: 8443\n', '  prot: 8443\n', 'unknown key `prot` in x-mcpgw; did you mean `port`?'],
    ['  port: 8443\n', '  port: 84430\n', 'x-mcpgw.port: '],
    ['  port: 8443\n', '', 'x-mcpgw.port: '],
    ['engine: embedded', 'engine: podman', 'x-mcpgw.engine: '],
    [
      '      email: member@',
      '      emial: member@',
      'unknown key `emial` in x-mcpgw.users.member; did you mean `email`?',
    ],
    ['      run: [', '      rnu: [', 'unknown key `rnu` in services.mcp-servers.x-mcpgw; did you mean `run`?'],
    ['    port: 9080', '    prt: 9080', 'unknown key `prt` in x-mcpgw.idp; did you mean `port`?'],
  ])('%j -> %j points at the line', async (right, wrong, message) => {
    const folder = await edited(await temporaryProject(), 'docker-compose.yaml', (text) => text.replace(right, wrong));
    const error = await failureOf(loadProject(folder, {}));
    expect(error.message).toContain(message);
    const line = Number(/^docker-compose\.yaml:(\d+):\d+: /.exec(error.message)?.[1]);
    const text = await readFile(join(folder, 'docker-compose.yaml'), 'utf8');
    if (wrong !== '') expect(`${text.split('\n')[line - 1]}\n`).toContain(wrong.trim());
    expect(error['why']).toContain('>');
  });

  test('a secret in a broken file is not printed beyond its lines', async () => {
    const folder = await temporaryProject({ files: { 'docker-compose.yaml': 'services: {}\n' } });
    const { secrets } = await loadProject(await temporaryProject(), {});
    const error = await failureOf(loadProject(folder, {}));
    for (const secret of Object.values(secrets)) expect(JSON.stringify(error)).not.toContain(secret);
  });
});

describe('${NAME} in pomerium-config.yaml', () => {
  const ROUTE = 'pass_identity_headers: true';
  const withSecret = (text: string): string =>
    text.replace(
      ROUTE,
      `${ROUTE}\n    set_request_headers: {X-Key: "Bearer \${MY_KEY}", X-Jwt: "\${pomerium.jwt}"} # \${NOT_THIS}`,
    );

  test('nothing is rendered when there is none, and a stale copy goes', async () => {
    const folder = await temporaryProject();
    const project = await loadProject(folder, {});
    await mkdir(project.paths.state);
    await writeFile(project.paths.renderedConfig, 'stale');
    expect(await renderConfig(project)).toMatchObject({ file: project.paths.config, rendered: false });
    await expect(stat(project.paths.renderedConfig)).rejects.toThrow('ENOENT');
  });

  test('values go into a private copy; comments, Pomerium’s own variables and lines stay', async () => {
    const folder = await edited(await temporaryProject(), 'pomerium-config.yaml', withSecret);
    await edited(folder, '.env', (text) => `${text}MY_KEY='a "b": #c'\n`);
    const project = await loadProject(folder, {});
    expect(project.parsed.problems).toEqual([]);
    expect(project.parsed.options?.routes[0]?.set_request_headers).toEqual({
      'x-key': 'Bearer a "b": #c',
      'x-jwt': '${pomerium.jwt}',
    });
    const { file, text } = await renderConfig(project);
    expect(file).toBe(project.paths.renderedConfig);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(text).toContain('# ${NOT_THIS}');
    expect(text.split('\n')).toHaveLength(project.configText.split('\n').length);
  });

  test('it is written in place: a container that mounts the file keeps seeing it', async () => {
    const folder = await edited(await temporaryProject(), 'pomerium-config.yaml', withSecret);
    await edited(folder, '.env', (text) => `${text}MY_KEY=${'long'.repeat(50)}\n`);
    const { file } = await renderConfig(await loadProject(folder, {}));
    const before = await stat(file);
    await edited(folder, '.env', (text) => text.replace(/MY_KEY=.*/, 'MY_KEY=s'));
    const { text } = await renderConfig(await loadProject(folder, {}));
    expect((await stat(file)).ino).toBe(before.ino);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('every name without a value is listed with its place', async () => {
    const folder = await edited(await temporaryProject(), 'pomerium-config.yaml', (text) =>
      withSecret(text).replace('description: Who', 'description: "${OTHER_ONE}" # Who'),
    );
    const project = await loadProject(folder, {});
    expect(project.parsed.options).toBeUndefined();
    expect(project.parsed.problems.map((problem) => problem.message)).toEqual(
      expect.arrayContaining(['${OTHER_ONE} has no value in .env', '${MY_KEY} has no value in .env']),
    );
    const error = await failureOf(renderConfig(project));
    expect(error).toMatchObject({ code: 'VARIABLE_MISSING', details: { missing: ['OTHER_ONE', 'MY_KEY'] } });
    expect(error['why']).toMatch(/pomerium-config\.yaml:\d+:\d+ \$\{MY_KEY\}/);
  });
});

test('whatever the compose file holds, the answer is a project or an explained error', async () => {
  const folder = await temporaryProject();
  const text = await readFile(join(folder, 'docker-compose.yaml'), 'utf8');
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '&a ',
    '*a',
    '!!x ',
    '"',
    '\t',
    '\0',
    '?',
    '|',
    '<<: ',
    '0x',
    'null',
    '\n',
    '  ',
    '#',
  );
  const edit = fc.tuple(fc.nat(text.length), fc.nat(60), fc.oneof(piece, fc.string({ maxLength: 8 })));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let broken = text;
      for (const [at, length, added] of edits) broken = broken.slice(0, at) + added + broken.slice(at + length);
      try {
        const file = parseYaml(broken, 'docker-compose.yaml');
        readSettings(file);
        readServices(file, folder, {});
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        expect(error.fix).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
});

describe('files that the configuration names', () => {
  const secret = 'c2VjcmV0IG9mIGV4YWN0bHkgdGhpcnR5LXR3byBieXQ=';

  test('count where the gateway runs on this machine, relative to the project', async () => {
    const folder = await projectWith('cookie_secret_file: secrets/cookie', 'embedded');
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'secrets', 'cookie'), secret);
    const { parsed } = await loadProject(folder, {});
    expect(parsed.problems).toEqual([]);
    expect(parsed.options?.cookie_secret).toBe(secret);
    expect(parsed.namedFiles).toEqual([join(folder, 'secrets', 'cookie')]);
  });

  test('are missed with their place, and are known all the same, since they may come', async () => {
    const folder = await projectWith('cookie_secret_file: secrets/cookie', 'embedded');
    const { parsed } = await loadProject(folder, {});
    expect(parsed.problems).toMatchObject([{ code: 'FILE_UNREADABLE', path: 'cookie_secret_file' }]);
    expect(parsed.namedFiles).toEqual([join(folder, 'secrets', 'cookie')]);
  });

  test('that `up` has yet to make are not missed', async () => {
    const folder = await temporaryProject();
    await edited(folder, 'pomerium-config.yaml', (text) =>
      text.replace('pass_identity_headers: true', 'tls_custom_ca_file: .mcpgw/certs/ca.pem'),
    );
    expect((await loadProject(folder, {})).parsed.problems).toEqual([]);
  });

  test('are those of the container under Docker, and not looked for here', async () => {
    const folder = await projectWith('cookie_secret_file: /run/secrets/cookie', 'docker');
    expect((await loadProject(folder, {})).parsed).toMatchObject({ problems: [], namedFiles: [] });
  });
});
