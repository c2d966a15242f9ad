import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAuthority, ensureServerCertificate } from '../../src/tls/index.ts';
import { startWorld, type World } from '../unit/oauth/world.ts';

/** A project folder whose one route leads to a world that stands for the gateway, with a development identity provider beside it. */
export interface TestProject {
  folder: string;
  /** The user's state folder. */
  state: string;
  gateway: World;
  /** Users that the identity provider was told. */
  told: (string | undefined)[];
  authority: string;
  close(): Promise<void>;
}

const USERS = `    member: { email: member@example.com, name: Mem Ber, groups: [staff] }
    guest: { email: guest@example.com, name: Gu Est, groups: [] }`;

export async function startProject(policy = '- allow: { or: [{ authenticated_user: true }] }'): Promise<TestProject> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw-project-'));
  const now = Date.now();
  const authority = await ensureAuthority(join(folder, '.mcpgw', 'authority'), { domain: 'localhost', now });
  const certificate = await ensureServerCertificate({
    authority,
    dir: join(folder, '.mcpgw', 'certs'),
    names: ['whoami.localhost'],
    now,
  });
  const tls = { host: 'whoami.localhost', cert: certificate.certPem, key: certificate.keyPem };
  const gateway = await startWorld({}, { tls, path: '/' });
  const provider = await startProvider(gateway);
  await writeProject(folder, Number(new URL(gateway.origin).port), provider.port, policy);
  return {
    folder,
    state: join(folder, 'user-state'),
    gateway,
    told: provider.told,
    authority: authority.certFile,
    async close() {
      provider.close();
      await gateway.close();
    },
  };
}

/** Signs in whom the header names; the gateway sends there whoever comes without a session. */
async function startProvider(
  gateway: World,
): Promise<{ port: number; told: (string | undefined)[]; close: () => void }> {
  const told: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    told.push(userOf(request));
    const back = new URL(request.url ?? '/', gateway.origin).searchParams.get('back') ?? '';
    response.writeHead(303, { location: `${back}&session=${userOf(request)}`, connection: 'close' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  gateway.knobs.authorize = (query, request) =>
    query.has('session')
      ? undefined
      : {
          status: 302,
          headers: {
            location: `http://idp.localhost:${port}/?back=${encodeURIComponent(`${gateway.origin}${request.url}`)}`,
          },
        };
  return { port, told, close: () => void server.close() };
}

function userOf(request: IncomingMessage): string | undefined {
  return request.headers['x-mcpgw-sign-in']?.toString();
}

async function writeProject(folder: string, port: number, idpPort: number, policy: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const config = `address: :${port}
authenticate_service_url: https://authenticate.localhost:${port}
idp_provider: oidc
idp_provider_url: http://idp.localhost:${idpPort}
idp_client_id: mcpgw
idp_client_secret: secret
shared_secret: ${Buffer.alloc(32, 1).toString('base64')}
cookie_secret: ${Buffer.alloc(32, 2).toString('base64')}
databroker_storage_type: memory
routes:
  - name: whoami
    from: https://whoami.localhost:${port}
    to: http://127.0.0.1:1
    mcp: { server: {} }
    policy:
      ${policy}
  - from: https://app.localhost:${port}
    to: http://127.0.0.1:1
    policy:
      - allow: { or: [{ authenticated_user: true }] }
`;
  const compose = `name: test
x-mcpgw:
  version: 1
  engine: embedded
  address: local
  domain: localhost
  port: ${port}
  idp: { port: ${idpPort} }
  users:
${USERS}
services: {}
`;
  await writeFile(join(folder, 'pomerium-config.yaml'), config);
  await writeFile(join(folder, 'docker-compose.yaml'), compose);
  await writeFile(join(folder, '.env'), '');
}
