import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run as add, screen as addScreen, type AddOptions, type AddResult } from '../../src/commands/add.ts';
import { run as remove, screen as removeScreen, type RemoveOptions } from '../../src/commands/remove.ts';
import { run as routes, screen as routesScreen } from '../../src/commands/routes.ts';
import { loadProject, parseEnvFile, removeAt } from '../../src/project/index.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext, type TestContextOptions } from '../helpers/context.ts';
import { failureOf, temporaryProject } from '../unit/project/helpers.ts';

const FILES = ['pomerium-config.yaml', 'docker-compose.yaml', '.env', '.env.example'];
const plain = styleFor(testContext().stdout, { COLUMNS: '80' });

let folder = '';
beforeEach(async () => {
  folder = await temporaryProject();
});

const textOf = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
const texts = async (): Promise<string[]> => Promise.all(FILES.map(textOf));
const adding = async (options: AddOptions, more: TestContextOptions = {}): Promise<AddResult> =>
  add(testContext({ cwd: folder, ...more }), options);
const removing = async (options: RemoveOptions, more: TestContextOptions = {}): ReturnType<typeof remove> =>
  remove(testContext({ cwd: folder, ...more }), options);

async function routeNamed(name: string): Promise<Record<string, unknown> | undefined> {
  const { routes: all } = parse(await textOf('pomerium-config.yaml')) as { routes: Record<string, unknown>[] };
  return all.find((route) => route['name'] === name);
}

async function serviceNamed(name: string): Promise<Record<string, unknown> | undefined> {
  const { services } = parse(await textOf('docker-compose.yaml')) as { services: Record<string, never> };
  return services[name];
}

describe('a server by its URL', () => {
  test('gets a route with the policy of the others, an alias, and a way to this machine', async () => {
    const result = await adding({ what: 'http://localhost:3000/mcp', name: 'mine' });
    expect(result).toMatchObject({
      kind: 'added',
      route: { name: 'mine', url: 'https://mine.localhost:8443', who: 'everybody at example.com' },
    });
    expect(await routeNamed('mine')).toEqual({
      name: 'mine',
      description: 'MCP server at localhost:3000',
      from: 'https://mine.localhost:8443',
      to: 'http://host.docker.internal:3000/mcp',
      host_rewrite: 'localhost:3000',
      mcp: { server: {} },
      policy: [{ allow: { or: [{ domain: { is: 'example.com' } }] } }],
    });
    expect(await serviceNamed('pomerium')).toMatchObject({
      extra_hosts: ['host.docker.internal:host-gateway'],
      networks: { default: { aliases: expect.arrayContaining(['mine.localhost']) as unknown } },
    });
    expect((await loadProject(folder, {})).parsed.problems).toEqual([]);
    expect(addScreen(result, plain)).toContain('Next    mcpgw up');
  });

  test('the second time nothing is left to do; another one of that name is refused with the difference', async () => {
    await adding({ what: 'http://localhost:3000/mcp', name: 'mine' });
    const before = await texts();
    expect(await adding({ what: 'http://localhost:3000/mcp', name: 'mine' })).toMatchObject({
      kind: 'unchanged',
      files: [],
    });
    const error = await failureOf(adding({ what: 'http://localhost:4000/mcp', name: 'mine' }));
    expect(error).toMatchObject({ code: 'ROUTE_EXISTS', fix: expect.stringContaining('mcpgw remove mine') as unknown });
    expect(error['why']).toContain('+  "to": "http://host.docker.internal:4000/mcp"');
    expect(await texts()).toEqual(before);
  });

  test('two at once are both there', async () => {
    const names = ['one', 'two', 'three'];
    const added = names.map(async (name, i) => adding({ what: `http://localhost:${3000 + i}/mcp`, name }));
    expect((await Promise.all(added)).map(({ kind }) => kind)).toEqual(['added', 'added', 'added']);
    for (const name of names) expect(await routeNamed(name)).toBeDefined();
  });

  test('removed again, every file is as it was, byte for byte', async () => {
    const before = await texts();
    await adding({ what: 'http://127.0.0.1:3000', name: 'mine' });
    expect(await removing({ route: 'mine' })).toMatchObject({ kind: 'removed', notes: [] });
    expect(await texts()).toEqual(before);
  });

  test('elsewhere keeps its address', async () => {
    await adding({ what: 'https://mcp.example.com/v1', name: 'far', allow: 'group:staff' });
    expect(await routeNamed('far')).toMatchObject({
      to: 'https://mcp.example.com/v1',
      policy: [{ allow: { or: [{ 'claim/groups': { has: 'staff' } }] } }],
    });
  });

  test('--dry-run shows the difference and writes nothing', async () => {
    const before = await texts();
    const result = await adding({ what: 'http://localhost:3000/mcp', name: 'mine', dryRun: true });
    expect(addScreen(result, plain)).toMatch(/^\+ mine .*\n(.*\n)*\+ {2}- name: mine\n(.*\n)*Nothing was changed\.\n$/);
    expect(await texts()).toEqual(before);
  });

  test.each([
    [{ what: 'http://user:pw@host/mcp', name: 'x' }, 'USAGE', 'password'],
    [{ what: 'ftp://host/mcp', name: 'x' }, 'USAGE', 'no http or https URL'],
    [{ what: 'http://host/mcp?key=1', name: 'x' }, 'USAGE', 'query'],
    [{ what: 'http://host/mcp' }, 'USAGE', '--name <name>'],
    [{ what: 'http://host/mcp', name: 'Bad_Name' }, 'USAGE', 'no part of a host name'],
    [{ what: 'http://host/mcp', name: 'authenticate' }, 'USAGE', 'part of the gateway'],
    [{ what: 'http://host/mcp', name: 'x', host: 'authenticate.localhost' }, 'HOST_TAKEN', 'sign in'],
    [{ what: 'http://host/mcp', name: 'x', host: 'x.example.com' }, 'USAGE', 'vouches for nothing else'],
    [{ what: 'http://host/mcp', name: 'x', host: 'whoami.localhost' }, 'ROUTE_EXISTS', 'whoami'],
    [{ what: 'http://host/mcp', name: 'x', allow: 'nobody at all' }, 'USAGE', '--allow'],
    [{ what: 'githb' }, 'NO_SUCH_PRESET', 'did you mean `github`'],
    [{ what: 'github', run: 'node x.js' }, 'USAGE', 'both'],
    [{ run: 'node x.js' }, 'USAGE', '2 values are missing: --name <name>, --port <number>'],
    [{ run: './server', name: 'x', port: 3000 }, 'USAGE', '--image'],
    [{ run: 'node x.js', name: 'pomerium', port: 3000 }, 'SERVICE_EXISTS', 'pomerium'],
    [{ run: 'node x.js', name: 'x', port: 3000, folder: 'gone' }, 'USAGE', 'no folder'],
    [{ what: 'dropbox', clientId: 'a' }, 'USAGE', '2 values are missing: --to <url>, --secret-stdin'],
    [{ what: 'dropbox', hosted: true }, 'USAGE', 'no hosted MCP server'],
    [{ what: 'postgres' }, 'USAGE', '--secret-stdin'],
    [{ what: 'whoami', name: 'who', clientId: 'a' }, 'USAGE', 'no sign-in'],
  ] as const)('refuses %j', async (options, code, part) => {
    const before = await texts();
    const error = await failureOf(adding(options));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(part);
    expect(await texts()).toEqual(before);
  });
});

describe('a preset', () => {
  const SECRET = 'p\'q"r s#t';

  test('takes the secret from stdin into .env alone, and says what to register', async () => {
    const result = await adding(
      { what: 'github', clientId: 'Iv1.abc', secretStdin: true, scopes: ['read:user'] },
      { stdin: 'very$ecret\n' },
    );
    expect(result).toMatchObject({
      kind: 'added',
      register: {
        callback: 'https://github.localhost:8443/.pomerium/mcp/client/oauth/callback',
        console: 'https://github.com/settings/developers',
      },
    });
    expect(await routeNamed('github')).toMatchObject({
      to: 'http://mcp-servers:8080/github',
      mcp: {
        server: {
          upstream_oauth2: {
            client_id: 'Iv1.abc',
            client_secret: '${GITHUB_CLIENT_SECRET}',
            endpoint: {
              auth_url: 'https://github.com/login/oauth/authorize',
              token_url: 'https://github.com/login/oauth/access_token',
            },
            scopes: ['read:user'],
          },
        },
      },
    });
    expect(parseEnvFile(await textOf('.env'))['GITHUB_CLIENT_SECRET']).toBe('very$ecret');
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await textOf('.env.example')).toMatch(/^GITHUB_CLIENT_SECRET=$/m);
    expect(await serviceNamed('mcp-servers')).toMatchObject({
      command: ['serve', 'whoami', 'sqlite', 'github'],
      'x-mcpgw': { run: ['mcpgw', 'serve', 'whoami', 'sqlite', 'github'] },
    });
    expect(JSON.stringify(result) + addScreen(result, plain)).not.toContain('very$ecret');
    const { parsed } = await loadProject(folder, {});
    expect(parsed.options?.routes.at(-1)?.mcp?.server?.upstream_oauth2?.client_secret).toBe('very$ecret');
  });

  test('needs no flag the second time, and takes a new secret then', async () => {
    await adding({ what: 'github', clientId: 'a' }, { env: { MCPGW_CLIENT_SECRET: 'one' } });
    expect(await adding({ what: 'github' })).toMatchObject({ kind: 'unchanged' });
    const changed = await adding({ what: 'github', secretStdin: true }, { stdin: 'two' });
    expect(changed.files).toEqual([{ path: '.env', diff: expect.stringContaining('another secret') as unknown }]);
    expect(parseEnvFile(await textOf('.env'))['GITHUB_CLIENT_SECRET']).toBe('two');
  });

  test('asks in a terminal, after it has said which callback URL to register', async () => {
    const ctx = testContext({ cwd: folder, interactive: true, answers: ['reference', 'an-id', 'a-secret'] });
    await add(ctx, { what: 'notion' });
    expect(ctx.err()).toContain('https://notion.localhost:8443/.pomerium/mcp/client/oauth/callback');
    expect(await routeNamed('notion')).toMatchObject({
      mcp: { server: { upstream_oauth2: { client_id: 'an-id', authorization_url_params: { owner: 'user' } } } },
    });
    expect(parseEnvFile(await textOf('.env'))['NOTION_CLIENT_SECRET']).toBe('a-secret');
  });

  test('warns where Pomerium and the provider do not fit', async () => {
    const env = { MCPGW_CLIENT_SECRET: 's' };
    const notion = await adding({ what: 'notion', clientId: 'a', dryRun: true }, { env });
    expect(notion.warnings.join('\n')).toContain('HTTP Basic');
    const slack = await adding({ what: 'slack', clientId: 'a' }, { env });
    expect(slack.warnings.join('\n')).toMatch(/no refresh token[^]*PKCE/);
    expect(await routeNamed('slack')).toMatchObject({
      to: 'https://mcp.slack.com/mcp',
      mcp: { server: { upstream_oauth2: { scopes: ['search:read,channels:history'] } } },
    });
  });

  test('of a hosted server that lets the gateway register itself needs no application', async () => {
    const before = await texts();
    const result = await adding({ what: 'atlassian', hosted: true, name: 'jira' });
    expect(result.notes.join()).toContain('cf.mcp.atlassian.com');
    expect(await routeNamed('jira')).toMatchObject({ to: 'https://mcp.atlassian.com/v1/mcp', mcp: { server: {} } });
    expect(parse(await textOf('pomerium-config.yaml'))).toMatchObject({
      mcp_allowed_as_metadata_domains: ['cf.mcp.atlassian.com'],
    });
    await removing({ route: 'jira' });
    expect(await texts()).toEqual(before);
  });

  test('turns registration on where the file says nothing, and not where somebody turned it off', async () => {
    const config = join(folder, 'pomerium-config.yaml');
    const text = await textOf('pomerium-config.yaml');
    await writeFile(
      config,
      text.replace('mcp_dynamic_client_registration: true', 'mcp_dynamic_client_registration: false'),
    );
    expect(await failureOf(adding({ what: 'linear' }))).toMatchObject({ code: 'REGISTRATION_OFF' });
    await writeFile(config, text.replace('  mcp_dynamic_client_registration: true\n', ''));
    const { notes } = await adding({ what: 'linear' });
    expect(notes.join()).toContain('mcp_dynamic_client_registration is on now');
    expect(parse(await textOf('pomerium-config.yaml'))).toMatchObject({
      runtime_flags: { mcp: true, mcp_dynamic_client_registration: true },
    });
  });

  test('refuses a secret that .env cannot hold, and does not repeat it', async () => {
    const before = await texts();
    const error = await failureOf(adding({ what: 'github', clientId: 'a' }, { env: { MCPGW_CLIENT_SECRET: SECRET } }));
    expect(error).toMatchObject({ code: 'USAGE' });
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain("p'q");
    expect(await texts()).toEqual(before);
  });

  test('postgres keeps its connection string in .env, with a name that a container can reach', async () => {
    folder = await temporaryProject({ answers: { engine: 'docker' } });
    await adding({ what: 'postgres', secretStdin: true }, { stdin: 'postgresql://r:p$w@localhost:5432/shop\n' });
    expect(parseEnvFile(await textOf('.env'))['POSTGRES_URL']).toBe(
      'postgresql://r:p$w@host.docker.internal:5432/shop',
    );
    expect(await serviceNamed('mcp-servers')).toMatchObject({
      environment: { POSTGRES_URL: '${POSTGRES_URL:-}' },
      extra_hosts: ['host.docker.internal:host-gateway'],
    });
    await removing({ route: 'postgres', secrets: true });
    expect(await textOf('.env')).not.toContain('POSTGRES_URL');
    expect(await textOf('docker-compose.yaml')).not.toContain('POSTGRES_URL');
  });
});

describe('the servers that create offers', () => {
  test.each([
    ['sqlite', 'whoami'],
    ['whoami', 'sqlite'],
  ] as const)('%s added to a project with %s is as if it had been created with both', async (server, other) => {
    folder = await temporaryProject({ answers: { servers: [other] } });
    await adding({ what: server });
    const both = await temporaryProject();
    const readBoth = async (file: string): Promise<Record<string, never>> =>
      parse(await readFile(join(both, file), 'utf8')) as Record<string, never>;
    const config = parse(await textOf('pomerium-config.yaml')) as { routes: { name: string }[] };
    const wanted = (await readBoth('pomerium-config.yaml')) as unknown as typeof config;
    expect(config.routes.toSorted(byName)).toEqual(wanted.routes.toSorted(byName));
    const service = JSON.stringify(await serviceNamed('mcp-servers'), sorted);
    const { services } = (await readBoth('docker-compose.yaml')) as unknown as { services: Record<string, unknown> };
    expect(service).toBe(JSON.stringify(services['mcp-servers'], sorted));
  });

  test.each(['whoami', 'sqlite'] as const)('%s added and removed leaves no trace', async (server) => {
    folder = await temporaryProject({ answers: { servers: [server === 'whoami' ? 'sqlite' : 'whoami'] } });
    const before = await texts();
    await adding({ what: server });
    await removing({ route: server });
    expect(await texts()).toEqual(before);
  });

  test('a second whoami is believed beside the first one, and takes its host along again', async () => {
    const before = await texts();
    await adding({ what: 'whoami', name: 'who' });
    expect(await routeNamed('who')).toMatchObject({ from: 'https://who.localhost:8443', pass_identity_headers: true });
    const environment = { WHOAMI_ISSUERS: 'whoami.localhost,who.localhost' };
    expect(await serviceNamed('mcp-servers')).toMatchObject({ environment });
    await removing({ route: 'who' });
    expect(await texts()).toEqual(before);
  });

  test('where the first whoami goes, the keys are read from the second one', async () => {
    await adding({ what: 'whoami', name: 'who' });
    await removing({ route: 'whoami' });
    expect(await serviceNamed('mcp-servers')).toMatchObject({
      environment: {
        WHOAMI_ISSUERS: 'who.localhost',
        JWKS_URL: 'https://who.localhost:8443/.well-known/pomerium/jwks.json',
      },
    });
  });

  test('a second whoami is told where its issuers are a variable', async () => {
    const compose = join(folder, 'docker-compose.yaml');
    await writeFile(
      compose,
      (await readFile(compose, 'utf8')).replace('WHOAMI_ISSUERS: whoami.localhost', 'WHOAMI_ISSUERS: ${ISSUERS}'),
    );
    const { notes } = await adding({ what: 'whoami', name: 'who' });
    expect(notes.join()).toContain('add who.localhost there');
    expect(await serviceNamed('mcp-servers')).toMatchObject({ environment: { WHOAMI_ISSUERS: '${ISSUERS}' } });
  });

  test('postgres leaves the way to this machine as it was before it', async () => {
    folder = await temporaryProject({ answers: { engine: 'docker' } });
    const before = await textOf('docker-compose.yaml');
    await adding({ what: 'postgres', secretStdin: true }, { stdin: 'postgresql://r:p@localhost:5432/shop\n' });
    expect(await serviceNamed('mcp-servers')).toHaveProperty('extra_hosts');
    await removing({ route: 'postgres', secrets: true });
    expect(await serviceNamed('mcp-servers')).not.toHaveProperty('extra_hosts');
    expect((await textOf('docker-compose.yaml')).split('\n').filter((line) => !before.includes(line))).toEqual([]);
  });

  test('bring their service along when it is gone', async () => {
    await removing({ route: 'whoami' });
    await removing({ route: 'sqlite', yes: true });
    expect(await serviceNamed('mcp-servers')).toBeUndefined();
    await adding({ what: 'sqlite', allow: 'anyone' });
    expect(await serviceNamed('mcp-servers')).toMatchObject({
      command: ['serve', 'sqlite'],
      environment: { SQLITE_DB_FILE: '/data/library.sqlite' },
    });
    expect((await stat(join(folder, 'data/library.sqlite'))).size).toBeGreaterThan(0);
  });
});

function byName(a: { name: string }, b: { name: string }): number {
  return a.name.localeCompare(b.name);
}

/** Lists in any order, maps too. */
function sorted(_key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(one)).toSorted();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)));
}

describe('services of their own', () => {
  test('app is a client route that is told its address and the authority', async () => {
    const before = await texts();
    await adding({ what: 'app' });
    expect(await routeNamed('app')).toMatchObject({
      to: 'http://app:8090',
      mcp: { client: {} },
      pass_identity_headers: true,
    });
    expect(await serviceNamed('app')).toMatchObject({
      command: ['app'],
      environment: { APP_URL: 'https://app.localhost:8443', NODE_EXTRA_CA_CERTS: '/certs/ca.pem' },
      'x-mcpgw': { run: ['mcpgw', 'app'] },
    });
    expect(await removing({ route: 'app', yes: true })).toMatchObject({ service: 'app' });
    expect(await texts()).toEqual(before);
  });

  test('a command runs in a container and without one', async () => {
    await mkdir(join(folder, 'srv'));
    await adding({ run: "node server.js --greeting 'a b' $x", name: 'mine', port: 3000, folder: 'srv' });
    expect(await routeNamed('mine')).toMatchObject({ to: 'http://mine:3000/mcp' });
    expect(await serviceNamed('mine')).toMatchObject({
      image: '${MCPGW_NODE_IMAGE:-node:24-slim}',
      command: ['node', 'server.js', '--greeting', 'a b', '$$x'],
      environment: { PORT: '3000' },
      volumes: [{ source: './srv', target: '/app', read_only: true }],
      'x-mcpgw': { run: ['node', 'server.js', '--greeting', 'a b', '$x'], folder: './srv', port: 3000 },
    });
    const { services, parsed } = await loadProject(folder, {});
    expect(parsed.problems).toEqual([]);
    expect(services.find(({ name }) => name === 'mine')).toMatchObject({ port: 3000, folder: join(folder, 'srv') });
  });
});

describe('a route whose service somebody has deleted', () => {
  test.each([
    [{ run: 'node server.js', name: 'mine', port: 3000 }, 'mine'],
    [{ what: 'app' }, 'app'],
  ] as const)('gets it again: %j', async (options, service) => {
    await adding(options);
    const complete = await texts();
    const compose = join(folder, 'docker-compose.yaml');
    const text = await readFile(compose, 'utf8');
    await writeFile(compose, removeAt(text, ['services', service]) ?? '');
    expect(await serviceNamed(service)).toBeUndefined();
    expect(await adding(options)).toMatchObject({ kind: 'added', files: [{ path: 'docker-compose.yaml' }] });
    expect(await texts()).toEqual(complete);
  });

  test('and a reference server is served again', async () => {
    const complete = parse(await textOf('docker-compose.yaml')) as unknown;
    const compose = join(folder, 'docker-compose.yaml');
    await writeFile(compose, (await readFile(compose, 'utf8')).replaceAll('serve, whoami, sqlite', 'serve, whoami'));
    await adding({ what: 'sqlite' });
    expect(parse(await textOf('docker-compose.yaml'))).toEqual(complete);
  });
});

describe('the README’s table of servers', () => {
  test('follows what is added and removed, where our template wrote it', async () => {
    const before = await textOf('README.md');
    await adding({ what: 'http://localhost:3000/mcp', name: 'mine', allow: 'group:staff' });
    expect(await textOf('README.md')).toContain('| mine | https://mine.localhost:8443 | group staff |\n\n');
    await removing({ route: 'mine' });
    expect(await textOf('README.md')).toBe(before);
    await removing({ route: 'whoami' });
    expect(await textOf('README.md')).not.toContain('https://whoami.localhost:8443 |');
  });

  test('holds no application, and a README of somebody’s own stays as it is', async () => {
    const before = await textOf('README.md');
    await adding({ what: 'app' });
    expect(await textOf('README.md')).toBe(before);
    await writeFile(join(folder, 'README.md'), '# Mine\n\n| a | b |\n');
    await adding({ what: 'http://localhost:3000/mcp', name: 'mine' });
    expect(await textOf('README.md')).toBe('# Mine\n\n| a | b |\n');
  });

  test('is not missed where there is none', async () => {
    await rm(join(folder, 'README.md'));
    expect(await adding({ what: 'http://localhost:3000/mcp', name: 'mine' })).toMatchObject({ kind: 'added' });
  });
});

describe('remove', () => {
  test('asks about a service that nothing else needs, and keeps one that is needed', async () => {
    await adding({ run: 'node server.js', name: 'mine', port: 3000 });
    const kept = await removing({ route: 'mine', dryRun: true });
    expect(kept.notes).toEqual(['the service mine stays in docker-compose.yaml; --yes takes it, too']);
    await adding({ what: 'http://mine:3000/other', name: 'second' });
    expect(await removing({ route: 'mine' }, { interactive: true })).not.toHaveProperty('service');
    expect(await removing({ route: 'second' }, { interactive: true, answers: [true] })).toMatchObject({
      service: 'mine',
    });
    expect(await serviceNamed('mine')).toBeUndefined();
  });

  test('keeps a service that another one depends on', async () => {
    await adding({ run: 'node server.js', name: 'mine', port: 3000 });
    const compose = join(folder, 'docker-compose.yaml');
    await writeFile(
      compose,
      (await textOf('docker-compose.yaml')).replace(
        '\nvolumes:',
        '\n  other:\n    image: x\n    depends_on: [mine]\n\nvolumes:',
      ),
    );
    expect(await removing({ route: 'mine', yes: true })).not.toHaveProperty('service');
  });

  test('takes secrets only when it is told to', async () => {
    const before = await texts();
    const env = { MCPGW_CLIENT_SECRET: 'abc' };
    await adding({ what: 'github', clientId: 'a' }, { env });
    const { notes } = await removing({ route: 'github' });
    expect(notes).toEqual(['GITHUB_CLIENT_SECRET stays in .env; --secrets would have taken it, too']);
    expect(parseEnvFile(await textOf('.env'))['GITHUB_CLIENT_SECRET']).toBe('abc');
    await adding({ what: 'github', clientId: 'a' });
    const result = await removing({ route: 'github', secrets: true });
    expect(await texts()).toEqual(before);
    expect(removeScreen(result, plain)).toContain('-GITHUB_CLIENT_SECRET=********');
  });

  test('names the nearest route, and finds one by its host; the last one leaves an empty list', async () => {
    expect(await failureOf(removing({ route: 'whoamy' }))).toMatchObject({
      code: 'ROUTE_UNKNOWN',
      fix: 'mcpgw remove whoami',
    });
    await removing({ route: 'whoami.localhost' });
    await removing({ route: 'sqlite' });
    expect(parse(await textOf('pomerium-config.yaml'))).toMatchObject({ routes: [] });
    expect(await failureOf(removing({ route: 'sqlite' }))).toMatchObject({ code: 'ROUTE_UNKNOWN' });
    await adding({ what: 'whoami', allow: 'anyone' });
    expect(await routeNamed('whoami')).toBeDefined();
  });

  test('a route that Pomerium would refuse can still be taken out', async () => {
    const config = join(folder, 'pomerium-config.yaml');
    const text = await textOf('pomerium-config.yaml');
    await writeFile(
      config,
      `${text}  - name: bad\n    from: https://bad.localhost:8443\n    mcp: { server: { x: "\${NOWHERE}" } }\n`,
    );
    await removing({ route: 'bad' });
    expect(await textOf('pomerium-config.yaml')).toBe(text.trimEnd() + '\n');
  });
});

async function editFile(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')).replaceAll('\n', '\r\n'));
}

test('files that are edited by hand keep their quotes, comments and forms', async () => {
  const config = join(folder, 'pomerium-config.yaml');
  const compose = join(folder, 'docker-compose.yaml');
  await editFile(config, (text) => `${text}# the end, 'quoted'\n`);
  await editFile(compose, (text) =>
    text.replace(
      /aliases:\n( +- \S+\n)+/,
      'aliases: ["authenticate.localhost", whoami.localhost, sqlite.localhost]  # mine\n',
    ),
  );
  const before = await texts();
  await adding({ what: 'http://localhost:3000/mcp', name: 'mine' });
  expect(await textOf('docker-compose.yaml')).toContain('sqlite.localhost, mine.localhost]  # mine');
  await removing({ route: 'mine' });
  expect(await texts()).toEqual(before);
});

test('what cannot be edited in place is told with the text to write', async () => {
  const config = join(folder, 'pomerium-config.yaml');
  const text = await textOf('pomerium-config.yaml');
  const route =
    '{from: https://a.localhost:8443, to: http://a:1, policy: [{allow: {or: [{authenticated_user: true}]}}]}';
  await writeFile(config, `${text.slice(0, text.indexOf('\nroutes:'))}\nroutes: [${route}]\n`);
  const error = await failureOf(adding({ what: 'http://localhost:3000/mcp', name: 'mine', allow: 'anyone' }));
  expect(error).toMatchObject({ code: 'CANNOT_EDIT', fix: expect.stringContaining('- name: mine') as unknown });
});

test('routes lists what the files have', async () => {
  await adding({ what: 'github', clientId: 'a' }, { env: { MCPGW_CLIENT_SECRET: 's' } });
  await adding({ what: 'app' });
  const result = await routes(testContext({ cwd: folder }), {});
  expect(result.routes.map(({ name, kind, provider }) => [name, kind, provider])).toEqual([
    ['whoami', 'server', undefined],
    ['sqlite', 'server', undefined],
    ['github', 'server', 'github'],
    ['app', 'client', undefined],
  ]);
  expect(routesScreen(result, plain)).toMatch(
    /github {3}https:\/\/github\.localhost:8443\n {2}to {9}http:\/\/mcp-servers:8080\/github\n {2}kind {7}MCP server\n/,
  );
});
