import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { readTemplates } from '../../../src/project/index.ts';
import {
  generateSecrets,
  hostNames,
  scaffoldFiles,
  type Allow,
  type Answers,
  type ServerName,
} from '../../../src/scaffold/index.ts';

const templates = await readTemplates();
const secrets = generateSecrets();

const BASE: Answers = {
  title: 'my-gateway',
  address: 'local',
  domain: 'localhost',
  port: 8443,
  idpPort: 9080,
  engine: 'embedded',
  servers: ['whoami', 'sqlite'],
  allow: { kind: 'anyone' },
  version: '0.1.0',
};

const ADDRESSES: Partial<Answers>[] = [
  { address: 'local' },
  { address: 'local', domain: 'localhost.pomerium.io', port: 9443, idpPort: 9081 },
  { address: 'local', domain: 'gw.test', port: 443 },
  { address: 'public', domain: 'mcp.acme.com', port: 443, engine: 'docker' },
];
const SERVER_SETS: ServerName[][] = [['whoami'], ['sqlite'], ['whoami', 'sqlite']];
const ALLOWS: Allow[] = [
  { kind: 'anyone' },
  { kind: 'domain', domain: 'acme.com' },
  { kind: 'emails', emails: ["o'neil+x@acme.com", 'b@acme.com'] },
  { kind: 'group', group: 'on: "call" #1' },
];
const MATRIX = ADDRESSES.flatMap((address) =>
  SERVER_SETS.flatMap((servers) => ALLOWS.map((allow): Answers => ({ ...BASE, ...address, servers, allow }))),
);

function textOf(answers: Answers, path: string): string {
  const file = scaffoldFiles(answers, secrets, templates).find((one) => one.path === path);
  if (!file) throw new Error(`${path} is not among the files`);
  return file.content;
}

describe('every combination of answers', () => {
  test.each(MATRIX)('$address $domain, $servers, $allow.kind: pomerium-config.yaml has no problem', (answers) => {
    const { options, problems } = parseConfig(textOf(answers, 'pomerium-config.yaml'), {
      file: 'pomerium-config.yaml',
      env: { ...secrets, DATABROKER_STORAGE_TYPE: 'file', DATABROKER_STORAGE_CONNECTION_STRING: 'file:///tmp/x' },
    });
    // The identity provider of a public project is for its owner to fill in.
    const others = problems.filter((problem) => !/YOUR-/.test(problem.message));
    expect(others).toEqual([]);
    if (answers.address === 'public') return;
    expect(options?.routes.map((route) => route.name)).toEqual(answers.servers);
    expect(options?.routes.every((route) => route.mcp?.server !== undefined && (route.policy?.length ?? 0) > 0)).toBe(
      true,
    );
  });

  test.each(MATRIX)('$address $domain, $servers, $allow.kind: docker-compose.yaml is whole', (answers) => {
    const compose = parse(textOf(answers, 'docker-compose.yaml')) as {
      name: unknown;
      services: Record<string, { image: string; volumes?: unknown[]; networks?: { default: { aliases: string[] } } }>;
      'x-mcpgw': Record<string, unknown>;
    };
    const local = answers.address === 'local';
    expect(Object.keys(compose.services)).toEqual(['postgres', 'pomerium', 'mcp-servers', ...(local ? ['idp'] : [])]);
    expect(compose.services['pomerium']?.networks?.default.aliases).toEqual(hostNames(answers));
    expect(compose['x-mcpgw']).toMatchObject({
      version: 1,
      domain: answers.domain,
      port: answers.port,
      address: answers.address,
    });
  });
});

test('every URL of a local project names the port, and a gateway on 443 names none', () => {
  expect(textOf(BASE, 'pomerium-config.yaml')).toContain('from: https://whoami.localhost:8443\n');
  expect(textOf({ ...BASE, port: 443 }, 'pomerium-config.yaml')).toContain('from: https://whoami.localhost\n');
});

test('no secret stands in a file that is committed', () => {
  const files = scaffoldFiles(BASE, secrets, templates);
  for (const file of files.filter((one) => one.path !== '.env')) {
    for (const secret of Object.values(secrets)) expect(file.content).not.toContain(secret);
  }
  expect(files.find((file) => file.path === '.env')?.mode).toBe(0o600);
});

test('the secret of an identity provider of one’s own is left empty', () => {
  const env = textOf({ ...BASE, address: 'public', domain: 'mcp.acme.com', port: 443 }, '.env');
  expect(env).toContain('IDP_CLIENT_SECRET=\n');
  expect(env).toContain(`SHARED_SECRET=${secrets.SHARED_SECRET}\n`);
});

test('the rule on tools is a denial with a bounded look into the body, and says what it leaves open', () => {
  const config = textOf(BASE, 'pomerium-config.yaml');
  expect(config).toContain('max_request_bytes: 32768');
  expect(config).toContain('not_in: [read_query, list_tables, describe_table]');
  expect(config).toContain('What it does not close');
});

test('identity headers go to whoami alone', () => {
  expect(textOf(BASE, 'pomerium-config.yaml').match(/pass_identity_headers/g)).toHaveLength(1);
  expect(textOf({ ...BASE, servers: ['sqlite'] }, 'pomerium-config.yaml')).not.toContain('pass_identity_headers');
});

function nameOf(title: string): unknown {
  return (parse(textOf({ ...BASE, title }, 'docker-compose.yaml')) as { name: unknown }).name;
}

test('a folder’s name becomes a name that Compose takes', () => {
  expect(nameOf('Mein Gateway')).toBe('mein-gateway');
  expect(nameOf('123')).toBe('123');
  expect(nameOf('網關')).toBe('mcp-gateway');
});

test('dollar signs reach the identity provider through Compose', () => {
  const text = textOf({ ...BASE, allow: { kind: 'group', group: 'a$b' } }, 'docker-compose.yaml');
  const { services } = parse(text) as { services: { idp: { environment: { IDP_DEFAULT_USERS: string } } } };
  expect(services.idp.environment.IDP_DEFAULT_USERS).toContain('"a$$b"');
});

test.each(scaffoldFiles(BASE, fixedSecrets(), templates))('$path is as recorded', async ({ path, content }) => {
  // Names without a leading dot: a .gitignore in the fixtures would hide the files beside it.
  await expect(content).toMatchFileSnapshot(`../../fixtures/project-local/${path.replace(/^\./, 'dot-')}`);
});

function fixedSecrets(): typeof secrets {
  return {
    SHARED_SECRET: Buffer.alloc(32, 1).toString('base64'),
    COOKIE_SECRET: Buffer.alloc(32, 2).toString('base64'),
    SIGNING_KEY: Buffer.from('a key').toString('base64'),
    IDP_CLIENT_SECRET: 'identity-provider-secret',
    POSTGRES_PASSWORD: '00112233445566778899aabbccddeeff',
  };
}
