import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSampleDatabase } from '../../src/servers/sample-database.ts';
import { VERSION } from '../../src/version.ts';
import { dockerReady, IMAGES } from '../docker/engine.ts';
import { docker } from '../helpers/docker-project.ts';
import { freePorts, mcpgw, temporaryFolder, type Ran } from '../helpers/program.ts';

const ready = await dockerReady();
const OWN = `mcpgw:${VERSION}`;

interface Ports {
  port: number;
  idpPort: number;
}

/** As somebody wrote it in the days of the first release, who ran a provider of their own beside it. */
const CONFIG = ({ port, idpPort }: Ports): string => `# The team's gateway.
address: ":${port}"
authenticate_service_url: https://authenticate.localhost:${port}
idp_provider: oidc
idp_provider_url: http://idp.localhost:${idpPort}
idp_client_id: mcpgw
idp_client_secret: of-the-provider
databroker_storage_type: postgres
databroker_storage_connection_string: postgresql://pomerium@postgres:5432/pomerium?sslmode=disable
runtime_flags: { mcp: true }
policy:
  - name: books
    from: https://books.localhost:${port}
    to: http://books:8080/sqlite
    mcp: {}
    policy: [{ allow: { or: [{ authenticated_user: true }] } }]
`;

const COMPOSE = ({ port, idpPort }: Ports): string => `services:
  postgres:
    image: ${IMAGES.postgres}
    environment: { POSTGRES_USER: pomerium, POSTGRES_DB: pomerium, POSTGRES_HOST_AUTH_METHOD: trust }
    healthcheck: { test: [CMD, pg_isready, -h, 127.0.0.1, -U, pomerium], interval: 1s, retries: 60 }
  pomerium:
    image: pomerium/pomerium:main # always the newest
    depends_on: { postgres: { condition: service_healthy } }
    ports: ["127.0.0.1:${port}:${port}"]
    volumes:
      - ./config.yaml:/pomerium/config.yaml:ro
  books:
    image: ${OWN}
    command: [serve, sqlite]
    environment: { HOST: 0.0.0.0, PORT: "8080", ALLOWED_HOSTS: "books:8080", SQLITE_DB_FILE: /data/books.sqlite }
    volumes: ["./data:/data:ro"]
  idp:
    image: ${OWN}
    command: [idp]
    ports: ["127.0.0.1:${idpPort}:${idpPort}"]
    environment:
      IDP_ISSUER: http://idp.localhost:${idpPort}
      IDP_LISTEN: 0.0.0.0:${idpPort}
      IDP_CLIENT_ID: mcpgw
      IDP_CLIENT_SECRET: of-the-provider
      IDP_REDIRECT_URIS: https://authenticate.localhost:${port}/oauth2/callback
      IDP_USERS: '{"ann": {"email": "ann@example.com", "name": "Ann", "groups": []}}'
`;

test('a folder written by hand is adopted, starts, and a tool is called through it', async ({ skip }) => {
  if (!ready.ok) skip(ready.reason);
  const folder = join(await temporaryFolder('adopt'), 'by-hand');
  const name = `${basename(join(folder, '..')).toLowerCase()}-x`;
  await mkdir(join(folder, 'data'), { recursive: true });
  await createSampleDatabase(join(folder, 'data/books.sqlite'));
  const [port = 0, idpPort = 0] = await freePorts(2);
  await writeFile(join(folder, 'config.yaml'), CONFIG({ port, idpPort }));
  await writeFile(join(folder, 'compose.yaml'), `name: ${name}\n${COMPOSE({ port, idpPort })}`);
  await writeFile(join(folder, '.env'), `MCPGW_NODE_IMAGE=${IMAGES.node}\n`);
  const run = async (...args: string[]): Promise<Ran> => mcpgw(args, { cwd: folder, timeout: 100_000 });
  const edit = async (file: string, from: RegExp, to: string): Promise<void> => {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text).toMatch(from);
    await writeFile(join(folder, file), text.replace(from, to));
  };
  onTestFinished(async () => void (await run('down', '--volumes', '--yes')));

  const adopted = await run('adopt', '--yes');
  expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
  expect(await docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${name}`)).toBe('');
  const lint = await run('lint');
  expect(lint.code, lint.stdout).toBe(0);

  // The image that stands for Pomerium here, and the users that the provider beside it knows.
  await edit('.env', /^POMERIUM_IMAGE=.*$/m, `POMERIUM_IMAGE=${IMAGES.pomerium}`);
  const users = `  idp: { port: ${idpPort} }\n  users: { ann: { email: ann@example.com, name: Ann } }\n`;
  await edit('docker-compose.yaml', /^(?=\nservices:)/m, users);
  const up = await run('up');
  expect(up.code, up.stdout + up.stderr).toBe(0);
  const called = await run('call', 'books', 'list_tables', '--as', 'ann');
  expect(called.code, called.stdout + called.stderr).toBe(0);
  expect(called.stdout).toContain('books');
});
