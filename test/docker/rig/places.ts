import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** Outside the repository: images and downloads outlive a checkout. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mcpgw-test');

export const SOCKET = '/var/run/docker.sock';
export const PID_FILE = join(CACHE, 'dockerd.pid');
export const DAEMON_LOG = join(CACHE, 'dockerd.log');
export const DATA_ROOT = join(CACHE, 'docker');

/** The Debian release that has PostgreSQL 17 and Compose 2. */
export const SUITE = 'trixie';

export const IMAGES = {
  debian: 'mcpgw-test/debian:trixie',
  node: 'mcpgw-test/node:24',
  postgres: 'mcpgw-test/postgres:17',
  pomerium: 'mcpgw-test/pomerium:v0.33.1',
} as const;
