import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run as adopt, screen, type AdoptOptions, type AdoptResult } from '../../src/commands/adopt.ts';
import { run as lint } from '../../src/commands/lint.ts';
import { loadProject, parseEnvFile } from '../../src/project/index.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { widthOf } from '../../src/ui/table.ts';
import { handWritten } from '../helpers/adopt-folders.ts';
import { testContext, type TestContextOptions } from '../helpers/context.ts';
import { failureOf } from '../unit/project/helpers.ts';

const plain = styleFor(testContext().stdout, { COLUMNS: '80' });
const FOLDERS = ['quick-start', 'demo-app', 'flow-style', 'with-env', 'traefik'];

async function adopting(
  folder: string,
  options: AdoptOptions = { yes: true },
  more: TestContextOptions = {},
): Promise<AdoptResult> {
  return adopt(testContext({ cwd: folder, ...more }), options);
}

async function textsOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((one) => one.isFile()).map(({ name }) => name);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

async function composeOf(folder: string): Promise<{ services: Record<string, Record<string, unknown>> }> {
  return parse(await readFile(join(folder, 'docker-compose.yaml'), 'utf8')) as never;
}

async function envOf(folder: string): Promise<Record<string, string>> {
  return parseEnvFile(await readFile(join(folder, '.env'), 'utf8'));
}

describe.each(FOLDERS)('a folder written by hand (%s)', (name) => {
  test('becomes a project that loads and in which lint finds no error', async () => {
    const folder = await handWritten(name);
    expect(await adopting(folder)).toMatchObject({ kind: 'adopted' });
    const project = await loadProject(folder, {});
    expect(project.parsed.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(project.settings).toMatchObject({ version: 1, engine: 'docker' });
    const { summary } = await lint(testContext({ cwd: folder }), {});
    expect(summary.errors).toBe(0);
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toMatch(/^\.env$[^]*^\.mcpgw\/$/m);
  });

  test('is unchanged by a second run', async () => {
    const folder = await handWritten(name);
    await adopting(folder);
    const before = await textsOf(folder);
    const again = await adopting(folder, {});
    expect(again).toEqual({ kind: 'unchanged', folder });
    expect(screen(again, plain)).toContain('is a project already: unchanged');
    expect(await textsOf(folder)).toEqual(before);
  });

  test('is shown within 80 columns, without a secret, and --dry-run writes nothing', async () => {
    const folder = await handWritten(name);
    const before = await textsOf(folder);
    const planned = await adopting(folder, { dryRun: true });
    expect(planned.kind).toBe('planned');
    expect(await textsOf(folder)).toEqual(before);
    const text = screen(planned, plain);
    const own = text.split('\n').filter((line) => !/^[-+ @]/.test(line) && !line.includes(folder));
    expect(own.filter((line) => widthOf(line) > 80)).toEqual([]);
    const secrets = [
      'kAJ28dhw8sHDw82hdw8',
      's3cretword',
      'idp-secret-1',
      'sk-1234567890abcdef',
      'key-of-the-wiki',
      'other-token',
      'MDEyMzQ1',
    ];
    for (const shown of [text, JSON.stringify(planned)])
      expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  });

  test('keeps every comment and every service', async () => {
    const folder = await handWritten(name);
    const before = Object.values(await textsOf(folder)).join('\n');
    await adopting(folder);
    const after = Object.values(await textsOf(folder)).join('\n');
    const comments = before.match(/# .*$/gm) ?? [];
    expect(comments.filter((comment) => !after.includes(comment))).toEqual([]);
  });
});

describe('the quick start’s way', () => {
  test('is told as it was found', async () => {
    const folder = await handWritten('quick-start');
    expect(await adopting(folder, { dryRun: true })).toMatchObject({
      found: {
        gateway: { service: 'pomerium', image: 'pomerium/pomerium:main' },
        routes: [{ name: 'Notion', from: 'https://notion.tools.example-corp.org', kind: 'server' }],
        database: { service: 'postgres', trust: true },
        servers: [{ service: 'mcp-servers' }],
        ports: ['postgres 5432', 'pomerium 443', 'pomerium 80'],
        signIn: 'Pomerium’s hosted service',
      },
      settings: { address: 'public', domain: 'tools.example-corp.org', port: 443 },
      remade: ['pomerium'],
    });
  });

  test('gets today’s syntax, a pinned image, secrets and an alias; the database keeps its ways, and that is told', async () => {
    const folder = await handWritten('quick-start');
    const result = await adopting(folder);
    const { services } = await composeOf(folder);
    expect(services['pomerium']).toMatchObject({
      image: '${POMERIUM_IMAGE:-pomerium/pomerium:v0.33.1}',
      environment: { SHARED_SECRET: '${SHARED_SECRET:?it is in .env}' },
      networks: { default: { aliases: ['notion.tools.example-corp.org'] } },
      volumes: ['${POMERIUM_CONFIG:-./pomerium-config.yaml}:/pomerium/config.yaml:ro', 'autocert:/data/autocert'],
    });
    expect(services['postgres']).toMatchObject({ environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' } });
    expect(await envOf(folder)).toMatchObject({
      POMERIUM_IMAGE: 'pomerium/pomerium:v0.33.1',
      NOTION_CLIENT_SECRET: 'kAJ28dhw8sHDw82hdw8',
      SHARED_SECRET: expect.stringMatching(/^[\w+/]{43}=$/) as unknown,
    });
    const config = await readFile(join(folder, 'pomerium-config.yaml'), 'utf8');
    expect(config).toContain('          client_secret: ${NOTION_CLIENT_SECRET}  # of the wiki team\n');
    const text = screen(result, plain);
    expect(text).toContain('postgres lets everybody in who reaches it (trust)');
    expect(text).toContain('licence of their own');
    expect(text).toContain('https://notion.tools.example-corp.org/.pomerium/mcp/client/oauth/callback');
    expect(text).toMatch(/makes\s+these containers anew where they run: pomerium\. Volumes stay/);
  });

  test('has a README with its route and its commands', async () => {
    const folder = await handWritten('quick-start');
    await adopting(folder);
    const text = await readFile(join(folder, 'README.md'), 'utf8');
    expect(text).toContain('| Notion | https://notion.tools.example-corp.org |');
    expect(text).toContain('mcpgw token Notion');
  });

  test('keeps the floating image with --no-pin, or when the question is answered so', async () => {
    const folder = await handWritten('quick-start');
    const kept = await adopting(folder, { dryRun: true, pin: false });
    expect(kept).toMatchObject({
      advice: expect.arrayContaining([expect.stringContaining('pomerium/pomerium:main stays')]) as unknown,
    });
    await adopting(folder, {}, { interactive: true, answers: [false, true] });
    expect((await composeOf(folder)).services['pomerium']).toMatchObject({ image: 'pomerium/pomerium:main' });
  });

  test('with no as the answer, nothing is written', async () => {
    const folder = await handWritten('quick-start');
    const before = await textsOf(folder);
    const declined = await adopting(folder, {}, { interactive: true, answers: [true, false] });
    expect(declined.kind).toBe('declined');
    expect(screen(declined, plain)).toBe('Nothing was written.\n');
    expect(await textsOf(folder)).toEqual(before);
  });
});

describe('the demo application’s way', () => {
  test('a client route, a gateway of another name, and lists of variables', async () => {
    const folder = await handWritten('demo-app');
    const result = await adopting(folder);
    expect(result).toMatchObject({
      found: {
        routes: [
          { name: 'chat', kind: 'client' },
          { name: 'db', kind: 'server' },
        ],
        gateway: { service: 'gateway' },
      },
      settings: { address: 'local', domain: 'demo.localhost', port: 8443 },
      renamed: [{ from: 'docker-compose.yml', to: 'docker-compose.yaml' }],
    });
    const { services } = await composeOf(folder);
    expect(services['gateway']?.['environment']).toEqual(
      expect.arrayContaining([
        'COOKIE_SECRET=${COOKIE_SECRET:?it is in .env}',
        'DATABROKER_STORAGE_CONNECTION_STRING=postgresql://pomerium:${POSTGRES_PASSWORD}@postgres:5432/pomerium?sslmode=disable',
        'CERTIFICATE_FILE=/pomerium/certs/gateway.crt',
      ]),
    );
    expect(await envOf(folder)).toMatchObject({
      POSTGRES_PASSWORD: 's3cretword',
      IDP_CLIENT_SECRET: 'idp-secret-1',
      OPENAI_API_KEY: 'sk-1234567890abcdef',
      SHARED_SECRET: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
    });
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('# Chat demo\n');
  });

  test('services whose values only moved are not made anew', async () => {
    expect(await adopting(await handWritten('demo-app'))).toMatchObject({ remade: ['gateway'] });
  });
});

describe('other names and forms', () => {
  test('config.yaml and compose.yaml get the names of a project, and brackets stay', async () => {
    const folder = await handWritten('flow-style');
    await adopting(folder);
    const names = await readdir(folder);
    expect(names).toEqual(expect.arrayContaining(['pomerium-config.yaml', 'docker-compose.yaml']));
    expect(names).not.toContain('config.yaml');
    expect(names).not.toContain('compose.yaml');
    expect((await composeOf(folder)).services['pomerium']).toMatchObject({
      volumes: ['${POMERIUM_CONFIG:-./pomerium-config.yaml}:/pomerium/config.yaml:ro', 'certs:/data/autocert'],
      networks: { default: { aliases: ['a.example-corp.org'] } },
    });
  });

  test('a .env that is there keeps its lines, and a name that is taken is not taken over', async () => {
    const folder = await handWritten('with-env');
    const before = await readFile(join(folder, '.env'), 'utf8');
    const result = await adopting(folder);
    expect((await readFile(join(folder, '.env'), 'utf8')).startsWith(before)).toBe(true);
    expect(await envOf(folder)).toMatchObject({
      API_TOKEN: 'somebody-elses',
      WIKI_API_TOKEN: 'other-token',
      WIKI_X_API_KEY: 'key-of-the-wiki',
      SHARED_SECRET: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
    });
    expect(screen(result, plain)).toContain('pomerium reads all of .env (env_file)');
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('node_modules\n.env\n.mcpgw/\n');
  });

  test('a proxy in front is left alone, and told', async () => {
    const folder = await handWritten('traefik');
    const before = (await composeOf(folder)).services;
    const result = await adopting(folder);
    const after = (await composeOf(folder)).services;
    expect(after['traefik']).toEqual(before['traefik']);
    expect(after['proxy']?.['labels']).toEqual(before['proxy']?.['labels']);
    expect(screen(result, plain)).toContain('publishes no port, so something stands before it');
  });
});

describe('is refused', () => {
  test('with two gateways', async () => {
    const folder = await handWritten('two-gateways');
    const before = await textsOf(folder);
    expect(await failureOf(adopting(folder))).toMatchObject({
      code: 'ADOPT_TWO_GATEWAYS',
      message: expect.stringContaining('authenticate, proxy') as unknown,
    });
    expect(await textsOf(folder)).toEqual(before);
  });

  test('without a terminal, unless --yes or --dry-run is given', async () => {
    const folder = await handWritten('quick-start');
    expect(await failureOf(adopting(folder, {}))).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  test.each([
    ['no gateway', { 'docker-compose.yaml': 'services: {a: {image: b}}\n' }, 'ADOPT_NO_GATEWAY'],
    [
      'a folder that is mounted',
      {
        'docker-compose.yaml': 'services: {pomerium: {image: "pomerium/pomerium:v0.33.1", volumes: [".:/pomerium"]}}\n',
      },
      'ADOPT_NOT_MOUNTED',
    ],
    [
      'a file from elsewhere',
      { 'docker-compose.yaml': 'services: {pomerium: {volumes: ["/etc/hostname:/pomerium/config.yaml"]}}\n' },
      'ADOPT_OUTSIDE',
    ],
    [
      'two compose files',
      { 'compose.yaml': 'services: {pomerium: {volumes: ["./pomerium-config.yaml:/pomerium/config.yaml"]}}\n' },
      'ADOPT_NAME_TAKEN',
    ],
    [
      'hosts that have nothing in common',
      {
        'pomerium-config.yaml':
          'routes:\n  - {from: "https://a.one.org", to: "http://a"}\n  - {from: "https://b.two.org", to: "http://b"}\n',
      },
      'USAGE',
    ],
    ['a file that is no YAML', { 'docker-compose.yaml': 'services: [\n' }, 'YAML_SYNTAX'],
    [
      'a compose file in brackets as a whole',
      {
        'docker-compose.yaml': '{services: {pomerium: {volumes: ["./pomerium-config.yaml:/pomerium/config.yaml"]}}}\n',
      },
      'CANNOT_EDIT',
    ],
  ])('with %s, and nothing is written', async (_, files, code) => {
    const folder = await handWritten('quick-start');
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const before = await textsOf(folder);
    expect(await failureOf(adopting(folder))).toMatchObject({ code });
    expect(await textsOf(folder)).toEqual(before);
  });

  test('in an empty folder', async () => {
    const folder = await handWritten('quick-start');
    await rm(join(folder, 'docker-compose.yaml'));
    expect(await failureOf(adopting(folder))).toMatchObject({ code: 'NO_CONFIGURATION' });
  });
});

test('hosts with nothing in common are one project under a domain that is given', async () => {
  const folder = await handWritten('quick-start');
  const result = await adopting(folder, { yes: true, domain: 'one.org', address: 'local' });
  expect(result).toMatchObject({ settings: { domain: 'one.org', address: 'local' } });
});

test('under git, changes that are not committed stay, and are told; so are secrets in the history', async () => {
  const folder = await handWritten('quick-start');
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  const file = join(folder, 'docker-compose.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}# mine\n`);
  const result = await adopting(folder, { yes: true }, { env: { PATH: process.env['PATH'] } });
  const text = screen(result, plain).replaceAll(/\s+/g, ' ');
  expect(text).toContain('docker-compose.yaml has changes that are not committed');
  expect(text).toContain('secrets that were committed stay in the history');
  expect(await readFile(file, 'utf8')).toContain('# mine\n');
});
