import { describe, expect, test } from 'vitest';
import { commonDomain, planAdoption, type Adoption, type HandWritten, type Wishes } from '../../../src/adopt/index.ts';
import { readTemplates } from '../../../src/project/index.ts';

const SECRETS = { SHARED_SECRET: 'shared-new', COOKIE_SECRET: 'cookie-new', SIGNING_KEY: 'signing-new' };
const POLICY = 'policy: [{allow: {or: [{authenticated_user: true}]}}]';

interface Parts {
  config?: string;
  compose?: string;
  from?: string;
  env?: string;
  variables?: Record<string, string>;
  gatewayEnvFile?: Record<string, string>;
  wishes?: Partial<Wishes>;
}

async function plan(parts: Parts): Promise<Adoption> {
  const { from = 'https://a.corp-example.org', config = '', variables = {} } = parts;
  const found: HandWritten = {
    folder: '/srv/gateway',
    title: 'gateway',
    config: {
      name: 'pomerium-config.yaml',
      text: `${config}mcp_allowed_client_id_domains: [claude.ai]\nroutes:\n  - {name: a, from: "${from}", to: "http://a:1", mcp: {server: {}}, ${POLICY}}\n`,
    },
    compose: { name: 'docker-compose.yaml', text: parts.compose ?? composeWith('') },
    ...(parts.env === undefined ? {} : { env: parts.env }),
    hasReadme: true,
    variables,
    gatewayEnvFile: parts.gatewayEnvFile ?? {},
    exists: () => true,
  };
  return planAdoption(found, { pin: true, ...parts.wishes }, SECRETS, await readTemplates());
}

function composeWith(more: string, ports = '["443:443"]'): string {
  return `services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    ports: ${ports}\n    volumes: ["./pomerium-config.yaml:/pomerium/config.yaml"]\n${more}  a:\n    image: b\n`;
}

const textOf = ({ texts }: Adoption, name: string): string => texts.find((one) => one.name === name)?.after ?? '';

test.each([
  [['wiki.mcp.corp.org', 'notes.mcp.corp.org'], 'mcp.corp.org'],
  [['wiki.corp.org', 'notes.mcp.corp.org'], 'corp.org'],
  [['corp.org', 'notes.corp.org'], 'corp.org'],
  [['wiki.corp.org'], 'corp.org'],
  [['wiki.localhost', 'a.b.localhost'], 'localhost'],
  [['corp.org'], 'corp.org'],
  [['*.corp.org', 'a.corp.org'], 'corp.org'],
  [['a.one.org', 'b.two.org'], undefined],
  [[], undefined],
])('the domain of %j is %s', (hosts, domain) => {
  expect(commonDomain(hosts)).toBe(domain);
});

describe('address and port', () => {
  test.each([
    ['https://a.corp-example.org', '', '["443:443"]', { address: 'public', port: 443 }],
    ['https://a.localhost:8443', 'address: :8443\n', '["127.0.0.1:8443:8443"]', { address: 'local', port: 8443 }],
    ['https://a.corp.internal', '', '["443:443"]', { address: 'local', port: 443 }],
    // Without root inside, the usual port outside.
    ['https://a.corp-example.org', 'address: ":8443"\n', '["443:8443"]', { address: 'public', port: 443 }],
    // A proxy in front.
    ['https://a.corp-example.org', 'address: ":8443"\n', '[]', { address: 'public', port: 443 }],
  ])('of %s with %j and ports %s', async (from, config, ports, settings) => {
    expect((await plan({ from, config, compose: composeWith('', ports) })).settings).toMatchObject(settings);
  });

  test('no alias where it would lead to a port on which nobody listens', async () => {
    const planned = await plan({ config: 'address: ":8443"\n', compose: composeWith('', '["443:8443"]') });
    expect(textOf(planned, 'docker-compose.yaml')).not.toContain('aliases');
  });
});

describe('secrets', () => {
  test('what the gateway had under another variable it keeps, under the name that mcpgw knows', async () => {
    const compose = composeWith('    environment: ["SHARED_SECRET=${OLD_NAME}"]\n');
    const planned = await plan({ compose, env: 'OLD_NAME=as-it-was\n', variables: { OLD_NAME: 'as-it-was' } });
    expect(textOf(planned, '.env')).toBe(
      'OLD_NAME=as-it-was\nSHARED_SECRET=as-it-was\nCOOKIE_SECRET=cookie-new\nSIGNING_KEY=signing-new\n',
    );
    expect(textOf(planned, 'docker-compose.yaml')).toContain(
      '["SHARED_SECRET=${SHARED_SECRET:?it is in .env}", "COOKIE_SECRET=',
    );
    expect(planned.remade).toEqual(['pomerium']);
  });

  test('what it had from a file of its own it keeps, too', async () => {
    const planned = await plan({ gatewayEnvFile: { COOKIE_SECRET: 'from-a-file' } });
    expect(textOf(planned, '.env')).toContain('COOKIE_SECRET=from-a-file\n');
  });

  test('a key of the file that a variable beats goes, and its value with it', async () => {
    const compose = composeWith('    environment: {SHARED_SECRET: "of-the-compose-file"}\n');
    const planned = await plan({ compose, config: 'shared_secret: of-the-file\n' });
    expect(textOf(planned, '.env')).toContain('SHARED_SECRET=of-the-compose-file\n');
    expect(textOf(planned, 'pomerium-config.yaml')).not.toContain('of-the-file');
    expect(planned.changes).toContainEqual(expect.objectContaining({ what: '`shared_secret` is gone' }));
  });

  test('a signing key over several lines is kept as base64, which Pomerium reads as well', async () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n';
    const config = `signing_key: |\n${pem.replace(/^(?=.)/gm, '  ')}`;
    expect(textOf(await plan({ config }), '.env')).toContain(`SIGNING_KEY=${Buffer.from(pem).toString('base64')}\n`);
  });

  test('dollar signs of the compose file are those that the container got', async () => {
    const compose = composeWith('    environment: {IDP_CLIENT_SECRET: "a$$b"}\n');
    expect(textOf(await plan({ compose }), '.env')).toContain("IDP_CLIENT_SECRET='a$b'\n");
  });

  test('a value that an anchor shares is left, and told', async () => {
    const compose = composeWith('    environment: {IDP_CLIENT_SECRET: &one very-secret, OTHER: *one}\n');
    const planned = await plan({ compose });
    expect(textOf(planned, 'docker-compose.yaml')).toContain('&one very-secret');
    expect(planned.byHand).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('IDP_CLIENT_SECRET') as unknown }),
    );
  });

  test('what is still to be filled in is no secret', async () => {
    const compose = composeWith('    environment: {IDP_CLIENT_SECRET: YOUR-SECRET}\n');
    expect(textOf(await plan({ compose }), 'docker-compose.yaml')).toContain('IDP_CLIENT_SECRET: YOUR-SECRET');
  });
});

describe('the certificate', () => {
  const local = { from: 'https://a.localhost:8443', compose: composeWith('', '["127.0.0.1:8443:8443"]') };

  test('of the project’s own authority, on one machine without another', async () => {
    const planned = await plan({ ...local, config: 'address: :8443\n' });
    expect(textOf(planned, 'docker-compose.yaml')).toContain('"./.mcpgw/certs:/pomerium/certs:ro"]');
    expect(textOf(planned, 'docker-compose.yaml')).toContain('CERTIFICATE_FILE: /pomerium/certs/gateway.crt');
    expect(planned.afterwards.join()).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('one that is there stays', async () => {
    const config = 'address: :8443\ncertificate_file: /a.crt\ncertificate_key_file: /a.key\n';
    expect(textOf(await plan({ ...local, config }), 'docker-compose.yaml')).not.toContain('.mcpgw/certs');
  });
});

test('a gateway on the host’s own network gets no alias', async () => {
  const compose = composeWith('    network_mode: host\n');
  expect(textOf(await plan({ compose }), 'docker-compose.yaml')).not.toContain('networks:');
});

test('line ends of Windows stay', async () => {
  const planned = await plan({ compose: composeWith('').replaceAll('\n', '\r\n') });
  expect(textOf(planned, 'docker-compose.yaml').replaceAll('\r\n', '')).not.toContain('\n');
});
