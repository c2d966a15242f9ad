import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, SUITE } from './places.ts';
import { run } from './run.ts';

const NO_QUESTIONS = { DEBIAN_FRONTEND: 'noninteractive' };
const NO_SERVICES = '/usr/sbin/policy-rc.d';

/** Installs what is missing, without starting any service: the engine is started by hand, with its own data folder. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const guarded = !existsSync(NO_SERVICES);
  if (guarded) await writeFile(NO_SERVICES, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await run('apt-get', ['update', '-qq'], { env: NO_QUESTIONS });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env: NO_QUESTIONS });
  } finally {
    if (guarded) await rm(NO_SERVICES, { force: true });
  }
}

interface Source {
  uri: string;
  keyring: string | undefined;
}

/** Where this machine gets Debian from, in either of apt's notations. */
export function debianSource(): Source {
  const found = [...deb822Sources(), ...lineSources()].find(({ uri }) => /\/debian\/?$/.test(uri));
  if (!found) throw new Error('no Debian mirror in /etc/apt: the rig needs a Debian machine');
  return found;
}

function deb822Sources(): Source[] {
  const stanzas = globSync('/etc/apt/sources.list.d/*.sources').flatMap((file) => read(file).split(/\n\s*\n/));
  return stanzas.flatMap((stanza) => {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:[ \t]*(.+)$`, 'im').exec(stanza)?.[1]?.trim();
    const uri = field('URIs')?.split(/\s+/)[0];
    return uri === undefined ? [] : [{ uri: throughMirrorFile(uri), keyring: field('Signed-By') }];
  });
}

function lineSources(): Source[] {
  const lines = globSync('/etc/apt/{sources.list,sources.list.d/*.list}').flatMap((file) => read(file).split('\n'));
  return lines.flatMap((line) => {
    const [, options = '', uri] = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)/.exec(line.trim()) ?? [];
    return uri === undefined ? [] : [{ uri: throughMirrorFile(uri), keyring: /signed-by=(\S+)/.exec(options)?.[1] }];
  });
}

/** Cloud images name a file that lists mirrors; debootstrap wants a mirror. */
function throughMirrorFile(uri: string): string {
  if (!uri.startsWith('mirror+file:')) return uri;
  return read(uri.slice('mirror+file:'.length)).split(/\s+/)[0] ?? uri;
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Downloads a package of another Debian release and unpacks it into a folder; nothing of the machine's apt is touched. */
export async function unpackForeignPackage(name: string, into: string): Promise<void> {
  const apt = join(CACHE, 'apt');
  await rm(apt, { recursive: true, force: true });
  for (const folder of ['sources', 'state/lists/partial', 'cache/archives/partial', 'download']) {
    await mkdir(join(apt, folder), { recursive: true });
  }
  const { uri, keyring } = debianSource();
  const signed = keyring === undefined ? '' : `Signed-By: ${keyring}\n`;
  await writeFile(
    join(apt, 'sources/foreign.sources'),
    `Types: deb\nURIs: ${uri}\nSuites: ${SUITE}\nComponents: main\n${signed}`,
  );
  await writeFile(
    join(apt, 'apt.conf'),
    `Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "${apt}/sources";\nDir::State::Lists "${apt}/state/lists";\n` +
      `Dir::Cache "${apt}/cache";\nAPT::Sandbox::User "root";\nAcquire::Languages "none";\n`,
  );
  const env = { APT_CONFIG: join(apt, 'apt.conf') };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['download', '-qq', name], { env, cwd: join(apt, 'download') });
  const [file] = globSync(join(apt, 'download', `${name}_*.deb`));
  if (file === undefined) throw new Error(`${name} of ${SUITE} was not downloaded`);
  await mkdir(into, { recursive: true });
  await run('dpkg-deb', ['-x', file, into]);
  await rm(apt, { recursive: true, force: true });
}
