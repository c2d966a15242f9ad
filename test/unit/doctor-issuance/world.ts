import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, Finding, LoggedLine, Patient } from '../../../src/doctor/check.ts';
import { readConfiguration } from '../../../src/doctor/configuration.ts';
import type { HostRecords } from '../../../src/doctor/issuance/dns/records.ts';
import type { Doors } from '../../../src/doctor/issuance/doors.ts';
import { createIssuanceChecks } from '../../../src/doctor/issuance/index.ts';
import type { Project } from '../../../src/project/index.ts';

export const HERE = '93.184.216.34';

export interface Place {
  /** Further keys of the configuration. */
  config?: string;
  hosts?: string[];
  compose?: string;
  log?: LoggedLine[];
  doors?: Partial<Doors>;
  patient?: Partial<Patient>;
  target?: Patient['target'];
  address?: 'public' | 'local';
  engine?: 'docker' | 'native';
}

/** A public project with autocert on whose DNS is in order and on whose ports nobody is; each test changes one thing. */
export async function findingAt(id: string, place: Place = {}): Promise<Finding> {
  const check = createIssuanceChecks(doorsOf(place)).find((one): one is Check => one.id === id);
  if (!check) throw new Error(`there is no check ${id}`);
  return check.run(patientOf(place), new AbortController().signal);
}

export function recordsOf(host: string, changes: Partial<HostRecords> = {}): HostRecords {
  return { host, aliases: [], endless: false, a: { found: [HERE] }, aaaa: { fault: 'NODATA' }, ...changes };
}

/** DNS that knows hosts by these changes, others as in order. */
export function dnsOf(changes: Readonly<Record<string, Partial<HostRecords>>>): Pick<Doors, 'dns'> {
  return { dns: { ...ORDER, records: async (host) => recordsOf(host, changes[host]) } };
}

const ORDER: Doors['dns'] = {
  records: async (host) => recordsOf(host),
  caa: async () => ({ at: '', answer: { fault: 'NODATA' } }),
};

function doorsOf({ doors }: Place): Doors {
  return {
    dns: ORDER,
    machineAddresses: () => [HERE, '10.0.0.5'],
    routerAddress: async () => undefined,
    ports: { 'http-01': 80, 'tls-alpn-01': 443 },
    holder: async () => undefined,
    presents: async (host, port) => ({ host, port, fault: 'ECONNREFUSED' }),
    ...doors,
  };
}

async function refuse(): Promise<never> {
  throw new Error('the check asked for more than its test expects');
}

function patientOf(place: Place): Patient {
  const { hosts = ['one.example.org'], config = '', compose, log = [] } = place;
  const routes = hosts.map(
    (host) => `  - from: https://${host}\n    to: http://app:8080\n    allow_any_authenticated_user: true\n`,
  );
  const text = `autocert: true\nhttp_redirect_addr: ":80"\n${config}\nroutes:\n${routes.join('')}`;
  const folder = '/srv/gw';
  const configuration = readConfiguration({
    folder,
    path: join(folder, 'pomerium-config.yaml'),
    config: { file: 'pomerium-config.yaml', text },
    variables: {},
    ...(compose === undefined ? {} : { compose: { file: 'docker-compose.yaml', text: compose, folder } }),
  });
  const settings = {
    address: place.address ?? 'public',
    engine: place.engine ?? 'native',
    domain: 'example.org',
    port: 443,
  };
  return {
    target: place.target ?? { kind: 'project', folder },
    cwd: folder,
    env: {},
    nodeVersion: '24.6.0',
    platform: 'linux',
    stateFolder: '/srv/state',
    now: Date.now,
    folder: async () => folder,
    // Checks of issuance read the settings alone.
    project: async () => ({ settings }) as unknown as Project,
    configuration: async () => configuration,
    servers: async () => [],
    running: async () => ({ ill: [], pending: [] }),
    docker: refuse,
    log: async () => log,
    fetch: refuse,
    resolve: refuse,
    permissions: refuse,
    token: refuse,
    refresh: refuse,
    ...place.patient,
  };
}

/** Lines of the recorded log of a running Pomerium v0.33.1. */
export function recorded(name: string): LoggedLine[] {
  const found = LINES.get(name);
  if (!found) throw new Error(`there is no recording of ${name}`);
  return found.map(({ line }) => {
    const raw = typeof line === 'string' ? line : JSON.stringify(line);
    return { time: '', service: 'pomerium', raw, ...(typeof line === 'string' ? {} : { fields: line }) };
  });
}

const FILE = join(import.meta.dirname, '../../fixtures/autocert-logs/lines.jsonl');
const LINES = Map.groupBy(
  readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { case: string; line: string | Record<string, unknown> }),
  (one) => one.case,
);
