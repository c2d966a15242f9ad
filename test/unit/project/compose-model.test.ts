import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseEnvFile } from '../../../src/project/index.ts';
import { readComposeModel, type ComposeModel, type ComposePort } from '../../../src/project/compose-model.ts';
import { parseYaml } from '../../../src/project/yaml.ts';
import type { Answers } from '../../../src/scaffold/index.ts';
import { temporaryFolder, temporaryProject } from './helpers.ts';

const run = promisify(execFile);

const MISSING = 'docker compose is not installed';

const compose = await run('docker', ['compose', 'version', '--short']).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

async function modelOf(folder: string): Promise<ComposeModel> {
  const text = await readFile(join(folder, 'docker-compose.yaml'), 'utf8');
  const env = parseEnvFile(await readFile(join(folder, '.env'), 'utf8'));
  return readComposeModel(parseYaml(text, 'docker-compose.yaml'), folder, env);
}

interface ComposeJson {
  name: string;
  services: Record<
    string,
    {
      image: string;
      environment?: Record<string, string | null>;
      ports?: { host_ip?: string; published?: string; target: number; protocol: string }[];
      volumes?: { type: string; source?: string; target: string; read_only?: boolean }[];
      networks?: Record<string, { aliases?: string[] } | null>;
      depends_on?: Record<string, { condition: string }>;
      healthcheck?: { test?: string[] };
    }
  >;
  volumes?: Record<string, unknown>;
}

/** The same facts as Compose reads them from the same files; it needs no engine for that. */
async function readByCompose(folder: string): Promise<ComposeModel> {
  const { PATH, HOME } = process.env;
  const { stdout } = await run('docker', ['compose', 'config', '--format', 'json'], {
    cwd: folder,
    env: { PATH, HOME },
  });
  const { name, services, volumes = {} } = JSON.parse(stdout) as ComposeJson;
  return {
    name,
    services: Object.entries(services).map(([service, one]) => ({
      name: service,
      image: one.image,
      environment: Object.fromEntries(
        Object.entries(one.environment ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
      ),
      ports: (one.ports ?? []).map(({ host_ip: host, published, target, protocol }) => ({
        ...(host === undefined ? {} : { host }),
        ...(published === undefined ? {} : { published }),
        target,
        protocol,
      })),
      mounts: (one.volumes ?? []).map(({ type, source, target, read_only: readOnly }) => ({
        type,
        ...(source === undefined ? {} : { source }),
        target,
        readOnly: readOnly === true,
      })),
      aliases: Object.values(one.networks ?? {}).flatMap((network) => network?.aliases ?? []),
      dependsOn: Object.fromEntries(
        Object.entries(one.depends_on ?? {}).map(([other, { condition }]) => [other, condition]),
      ),
      hasHealthCheck: one.healthcheck?.test !== undefined,
    })),
    volumes: Object.keys(volumes),
  };
}

const byTarget = (a: ComposePort, b: ComposePort): number => a.target - b.target;

/** Compose sorts, and escapes `$` in what it prints so that it can be read again. */
function comparable(model: ComposeModel): unknown {
  return {
    name: model.name,
    volumes: model.volumes.toSorted(),
    services: model.services
      .map((service) => ({
        ...service,
        ports: service.ports.toSorted(byTarget),
        mounts: service.mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1)),
        aliases: service.aliases.toSorted(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

const OWN = `name: own
services:
  a:
    image: "\${A_IMAGE:-registry.test/a}:\${TAG-1}"
    environment: [ONE=1=2, TWO, "THREE=\${NOT_THERE:-three}"]
    ports: ["8000", "8001:80", "127.0.0.1:8002:81/udp", "9000-9002:9000-9002", "[::1]:8003:82"]
    volumes: ["./x:/x:ro", "data:/data", "/abs:/abs"]
    networks: { default: { aliases: [a.test, "\${ALIAS}.test"] } }
  b:
    image: b
    environment: { N: 1, T: true, NAME: "\${ONE}" }
    ports:
      - { target: 90, published: "8090", host_ip: 127.0.0.1 }
    volumes:
      - { type: bind, source: ./y, target: /y, read_only: true }
volumes: { data: {} }
`;

async function ownProject(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'docker-compose.yaml'), OWN);
  await writeFile(join(folder, '.env'), 'TWO=2\nONE=uno\nALIAS=more\n');
  return folder;
}

const PROJECTS: Partial<Answers>[] = [
  {},
  { servers: ['whoami'], allow: { kind: 'group', group: 'staff' } },
  { domain: 'localhost.pomerium.io', port: 443, idpPort: 9081, engine: 'docker' },
  { address: 'public', domain: 'gw.example.com', port: 443, engine: 'docker', signIn: 'hosted' },
  { address: 'public', domain: 'gw.example.com', port: 443, engine: 'docker', servers: ['sqlite'] },
];

describe('our reading of a compose file is that of Compose itself', () => {
  test.for(PROJECTS)('for a project of %o', async (answers, { skip }) => {
    if (compose === undefined) skip(MISSING);
    const folder = await temporaryProject({ answers });
    const env = join(folder, '.env');
    // An identity provider of one's own gives its secret later.
    await writeFile(env, (await readFile(env, 'utf8')).replace(/^IDP_CLIENT_SECRET=$/m, 'IDP_CLIENT_SECRET=given'));
    expect(comparable(await modelOf(folder))).toEqual(comparable(await readByCompose(folder)));
  });

  test('for short and long forms, lists, ranges and variables', async ({ skip }) => {
    if (compose === undefined) skip(MISSING);
    const folder = await ownProject();
    expect(comparable(await modelOf(folder))).toEqual(comparable(await readByCompose(folder)));
  });
});

test('short and long forms come to the same', async () => {
  const folder = await ownProject();
  const { services } = await modelOf(folder);
  expect(services[0]).toMatchObject({
    image: 'registry.test/a:1',
    environment: { ONE: '1=2', TWO: '2', THREE: 'three' },
    aliases: ['a.test', 'more.test'],
  });
  expect(services[0]?.ports).toContainEqual({ host: '127.0.0.1', published: '8002', target: 81, protocol: 'udp' });
  expect(services[0]?.ports.filter(({ target }) => target >= 9000)).toHaveLength(3);
  expect(services[0]?.mounts[0]).toEqual({ type: 'bind', source: join(folder, 'x'), target: '/x', readOnly: true });
  expect(services[1]?.mounts[0]).toEqual({ type: 'bind', source: join(folder, 'y'), target: '/y', readOnly: true });
});

describe('a project for one machine', () => {
  test('publishes nothing to the network, and its database to nobody', async () => {
    const { services } = await modelOf(await temporaryProject({ answers: { engine: 'docker' } }));
    expect(services.flatMap(({ ports }) => ports.map(({ host }) => host))).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(services.find(({ name }) => name === 'postgres')?.ports).toEqual([]);
  });

  test('a public one publishes 443 and 80, mounts no certificate of ours, and keeps those it fetches', async () => {
    const folder = await temporaryProject({
      answers: { address: 'public', domain: 'gw.example.com', port: 443, engine: 'docker' },
    });
    const { services, volumes } = await modelOf(folder);
    const gateway = services.find(({ name }) => name === 'pomerium');
    expect(gateway?.ports.map(({ published }) => published)).toEqual(['443', '80']);
    expect(gateway?.mounts.map(({ target }) => target)).toEqual(['/pomerium/config.yaml', '/data/autocert']);
    expect(Object.keys(gateway?.environment ?? {})).not.toContain('CERTIFICATE_FILE');
    expect(volumes).toContain('autocert');
  });

  test.each([{}, { address: 'public', domain: 'gw.example.com', port: 443 } as const])(
    'every container of %o is bounded: memory, restart, no new privileges, no capabilities but those it needs',
    async (answers) => {
      const text = await readFile(join(await temporaryProject({ answers }), 'docker-compose.yaml'), 'utf8');
      const { services } = parseYaml(text, 'docker-compose.yaml').data as { services: Record<string, unknown> };
      for (const service of Object.values(services)) {
        expect(service).toMatchObject({
          restart: 'unless-stopped',
          mem_limit: expect.stringMatching(/^\d+[mg]$/),
          read_only: true,
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
        });
      }
    },
  );
});
