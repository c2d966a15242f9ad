import { homedir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { pomeriumService } from '../../lint/subject.ts';
import type { ComposeService } from '../../project/index.ts';
import type { Configuration } from '../configuration.ts';
import type { Patient } from '../patient.ts';
import { hostsOf } from '../servers.ts';
import { caaNames } from './dns/caa.ts';

export const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';
export const LETS_ENCRYPT_STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';
/** Where a container keeps certificates: its image sets AUTOCERT_DIR (Pomerium v0.33.1 Dockerfile). */
const IN_CONTAINER = '/data/autocert';
/** Where Docker's local driver keeps named volumes. */
const VOLUMES = '/var/lib/docker/volumes';

/** What a configuration says about automatic certificates. */
export interface Situation {
  /** Hosts that need a certificate which the world trusts. */
  hosts: string[];
  autocert: boolean;
  /** ACME directory that Pomerium asks. */
  authority: string;
  /** Folder of its certificate store on this machine; undefined: in a container, without a place here. */
  store?: string;
  /** Mount of the store in the compose file, as written there. */
  volume?: string;
  /** HTTP-01 is tried only when redirects listen on port 80. */
  answersHttp: boolean;
  external?: { keyId: string; macKey: string };
}

/** For a URL only its host is known. */
export async function situationOf(patient: Patient): Promise<Situation> {
  const { target } = patient;
  if (target.kind === 'url') {
    return { hosts: [target.url.hostname], autocert: false, authority: LETS_ENCRYPT, answersHttp: true };
  }
  const configuration = await patient.configuration();
  const set = settingsOf(configuration);
  const isStaging = set('autocert_use_staging') === 'true';
  const authority = set('autocert_ca') ?? (isStaging ? LETS_ENCRYPT_STAGING : LETS_ENCRYPT);
  const keyId = set('autocert_eab_key_id');
  const macKey = set('autocert_eab_mac_key');
  return {
    hosts: namedHosts(configuration),
    autocert: set('autocert') === 'true',
    authority: URL.canParse(authority) ? authority : LETS_ENCRYPT,
    answersHttp: set('http_redirect_addr')?.endsWith(':80') === true,
    ...(keyId && macKey ? { external: { keyId, macKey } } : {}),
    ...placeOfStore(configuration, await runsInContainer(patient, configuration), patient.env, set('autocert_dir')),
  };
}

/** Whose certificates the machine's own trust store and public clients know nothing of. */
export function isPrivateAuthority(directory: string): boolean {
  return caaNames(directory) === undefined;
}

/** Names that only this machine or this network knows: nobody outside could validate them (RFC 6761, 6762, 8375, certmagic's rule). */
export function isLocalName(host: string): boolean {
  const suffixes = ['localhost', 'localhost.pomerium.io', 'local', 'internal', 'home.arpa', 'lan'];
  return !host.includes('.') || suffixes.some((suffix) => `.${host}`.endsWith(`.${suffix}`)) || /^[\d.]+$|:/.test(host);
}

/** Wildcards are never issued for (no DNS-01), and the hosted authenticate service is not ours. */
function namedHosts({ options }: Configuration): string[] {
  return hostsOf(options).filter((host) => !host.includes('*') && host !== 'authenticate.pomerium.app');
}

type Settings = (key: string) => string | undefined;

/** Environment beats file. */
function settingsOf({ subject }: Configuration): Settings {
  return (key) => {
    const value = subject.environment[key.toUpperCase()] ?? subject.config.data[key];
    return (typeof value === 'string' && value !== '') || typeof value === 'boolean' ? String(value) : undefined;
  };
}

async function runsInContainer({ target, project }: Patient, { subject }: Configuration): Promise<boolean> {
  if (target.kind === 'project') return (await project()).settings.engine === 'docker';
  return pomeriumService(subject) !== undefined;
}

function placeOfStore(
  { subject, folder }: Configuration,
  isContainer: boolean,
  env: Patient['env'],
  written: string | undefined,
): Pick<Situation, 'store' | 'volume'> {
  if (!isContainer)
    return { store: written ?? join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'pomerium/autocert') };
  const service = pomeriumService(subject);
  const inside = service?.environment['AUTOCERT_DIR'] ?? IN_CONTAINER;
  const mount = service && mountOf(service, inside);
  if (mount?.source === undefined) return {};
  const below = relative(mount.target, inside);
  if (mount.type === 'bind') return { store: join(mount.source, below), volume: mount.source };
  const name = `${subject.compose?.model.name ?? basename(folder)}_${mount.source}`;
  return { store: join(VOLUMES, name, '_data', below), volume: mount.source };
}

function mountOf({ mounts }: ComposeService, inside: string): ComposeService['mounts'][number] | undefined {
  return mounts.find(({ target }) => `${inside}/`.startsWith(`${target}/`));
}
