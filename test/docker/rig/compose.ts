import { copyFile, chmod, mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unpackForeignPackage } from './debian.ts';
import { CACHE } from './places.ts';
import { ask, step } from './run.ts';

export async function findCompose(): Promise<string | undefined> {
  return ask('docker', ['compose', 'version', '--short']);
}

/** The Compose plugin of a newer Debian, put where the docker CLI looks for a user's plugins. */
export async function ensureCompose(): Promise<string> {
  return (await findCompose()) ?? step('compose plugin', install);
}

async function install(): Promise<string> {
  const unpacked = join(CACHE, 'compose');
  await unpackForeignPackage('docker-compose', unpacked);
  const plugins = join(process.env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'cli-plugins');
  await mkdir(plugins, { recursive: true });
  const plugin = join(plugins, 'docker-compose');
  await copyFile(join(unpacked, 'usr/libexec/docker/cli-plugins/docker-compose'), plugin);
  await chmod(plugin, 0o755);
  await rm(unpacked, { recursive: true, force: true });
  const version = await findCompose();
  if (version === undefined) throw new Error(`${plugin} does not run on this machine`);
  return version;
}
