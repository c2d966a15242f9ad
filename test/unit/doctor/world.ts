import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import * as create from '../../../src/commands/create.ts';
import * as doctor from '../../../src/commands/doctor.ts';
import { doctorAccess, type Access } from '../../../src/commands/doctor-access.ts';
import type { Check, CheckReport, Finding, Patient } from '../../../src/doctor/check.ts';
import { CHECKS } from '../../../src/doctor/checks/index.ts';
import { readConfiguration, type Configuration } from '../../../src/doctor/configuration.ts';
import { runChecks } from '../../../src/doctor/run-checks.ts';
import { guardedServers } from '../../../src/doctor/servers.ts';
import { resolveLoopbackNames } from '../../../src/net/resolve.ts';
import { findProject, loadProject, type Project } from '../../../src/project/index.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { testContext, type TestContext, type TestContextOptions } from '../../helpers/context.ts';
import { freePorts, ROOT, temporaryFolder } from '../../helpers/program.ts';

// Real servers and fresh certificates take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

/** A project folder as `create` makes it, on ports that nobody holds. Nothing runs. */
export interface Place {
  folder: string;
  port: number;
  idpPort: number;
  context(options?: TestContextOptions): TestContext;
  edit(file: string, change: (text: string) => string): Promise<void>;
  append(file: string, text: string): Promise<void>;
  /** Runs doctor here and answers what the named check found. */
  finding(id: string, options?: TestContextOptions): Promise<Finding>;
}

export async function createPlace(name: string, servers: string[] = ['whoami']): Promise<Place> {
  const parent = await temporaryFolder(name);
  const [port = 0, idpPort = 0] = await freePorts(2);
  const folder = join(parent, 'gw');
  const state = join(parent, 'state');
  const context = (options: TestContextOptions = {}): TestContext => {
    // Without the reader's own git rules.
    const git = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: parent };
    const env = { PATH: process.env['PATH'], MCPGW_ENGINE: 'embedded', MCPGW_STATE_DIR: state, ...git, ...options.env };
    const program = [process.execPath, join(ROOT, 'src/start.ts')];
    return { ...testContext({ cwd: folder, ...options, env }), program };
  };
  await create.run(context({ cwd: parent }), { folder: 'gw', yes: true, domain: 'localhost', port, idpPort, servers });
  return {
    folder,
    port,
    idpPort,
    context,
    edit: async (file, change) => {
      const text = await readFile(join(folder, file), 'utf8');
      const changed = change(text);
      expect(changed).not.toBe(text);
      await writeFile(join(folder, file), changed);
    },
    append: async (file, text) => appendFile(join(folder, file), text),
    finding: async (id, options) => findingOf((await doctor.run(context(options), { only: [id] })).checks, id),
  };
}

export function findingOf(checks: readonly CheckReport[], id: string): Finding {
  const found = checks.find((check) => check.id === id);
  if (!found) throw new Error(`${id} was not run`);
  return found.finding;
}

export function checkOf(id: string): Check {
  const found = CHECKS.find((check) => check.id === id);
  if (!found) throw new Error(`there is no check ${id}`);
  return found;
}

/** The doors to a place's engine and gateway, as doctor itself opens them. */
export function doorsOf(place: Place): Access['doors'] {
  const project = async (): Promise<Project> => loadProject(place.folder, {});
  return doctorAccess(place.context(), { target: { kind: 'project', folder: place.folder }, project }).doors;
}

function configurationOf({ folder, paths, configText, composeText, secrets }: Project): Configuration {
  return readConfiguration({
    folder,
    path: paths.config,
    config: { file: 'pomerium-config.yaml', text: configText },
    compose: { file: 'docker-compose.yaml', text: composeText, folder },
    variables: secrets,
  });
}

async function refuse(): Promise<never> {
  throw new Error('the check asked for more than its test expects');
}

/** What a check sees of a place without a running gateway; `changes` injects what no place can have. */
export function patientAt(cwd: string, changes: Partial<Patient> = {}): Patient {
  const isPlace = existsSync(join(cwd, 'docker-compose.yaml'));
  const project = async (): Promise<Project> => loadProject((await findProject(cwd)) ?? cwd, {});
  return {
    target: isPlace ? { kind: 'project', folder: cwd } : { kind: 'nothing' },
    cwd,
    env: { PATH: process.env['PATH'] },
    nodeVersion: '24.6.0',
    platform: 'linux',
    stateFolder: join(cwd, '../state'),
    now: Date.now,
    folder: async () => findProject(cwd),
    project,
    configuration: async () => configurationOf(await project()),
    servers: async () => guardedServers((await project()).parsed.options ?? {}),
    running: async () => undefined,
    docker: refuse,
    log: async () => [],
    permissions: async () => [],
    resolve: async () => resolveLoopbackNames,
    refresh: refuse,
    fetch: refuse,
    token: refuse,
    ...changes,
  };
}

/** An engine that runs as this process, or as one nobody knows, with nothing to complain about. */
export function runningAs(pid?: number): Patient['running'] {
  return async () => ({ ...(pid === undefined ? {} : { pid }), ill: [], pending: [] });
}

/** Runs one check where what it looks at is there, whatever it needs otherwise. */
export async function runCheck(id: string, patient: Patient): Promise<Finding> {
  const [report] = await runChecks([checkOf(id)], patient, { signal: new AbortController().signal });
  return report?.finding ?? { kind: 'skipped', reason: 'it was not run' };
}

/** Answers a path of the gateway in a test's own way; false leaves it to the well-behaved one. */
export type Twist = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface GatewayOptions {
  twist?: Twist;
  /** Milliseconds since 1970: when the certificate is issued; it is good for 396 days. */
  issuedAt?: number;
  /** Another authority than the project's. */
  foreign?: boolean;
}

/** A well-behaved gateway on the project's port, up to the sign-in, for one twist at a time. */
export async function startFakeGateway(place: Place, options: GatewayOptions = {}): Promise<void> {
  const now = options.issuedAt ?? Date.now();
  const names = ['whoami.localhost', 'authenticate.localhost'];
  const authority = await ensureAuthority(join(place.folder, '.mcpgw/authority'), { domain: 'localhost', now });
  const dir = options.foreign ? await temporaryFolder('foreign') : join(place.folder, '.mcpgw/certs');
  const signer = options.foreign
    ? await ensureAuthority(join(dir, 'authority'), { domain: 'localhost', now })
    : authority;
  const { certPem, keyPem } = await ensureServerCertificate({ authority: signer, dir, names, now });
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    if (options.twist?.(request, response)) return;
    answer(`https://${request.headers.host}`, request, response);
  });
  await listen(server, place.port);
}

/** A gateway that does one thing its own way at one path. */
export async function twisted(
  path: string,
  act: (response: ServerResponse, origin: string) => unknown,
): Promise<Place> {
  const place = await createPlace('twisted');
  const twist: Twist = (request, response) => {
    if (request.url !== path) return false;
    act(response, `https://${request.headers.host}`);
    return true;
  };
  await startFakeGateway(place, { twist });
  return place;
}

export async function listen(server: HttpsServer, port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

export function json(response: ServerResponse, document: unknown): true {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  return true;
}

export function metadataOf(origin: string): Record<string, unknown> {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/.pomerium/mcp/authorize`,
    token_endpoint: `${origin}/.pomerium/mcp/token`,
    registration_endpoint: `${origin}/.pomerium/mcp/register`,
    code_challenge_methods_supported: ['S256'],
  };
}

function answer(origin: string, request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const resource = `${origin}/.well-known/oauth-protected-resource`;
  if (request.url === '/ping') response.end('OK');
  else if (request.url === '/.well-known/oauth-protected-resource') {
    json(response, { resource: origin, authorization_servers: [origin] });
  } else if (request.url === '/.well-known/oauth-authorization-server') json(response, metadataOf(origin));
  else response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${resource}"` }).end();
}
