import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Who listens on a port, as far as this user may see. */
export interface PortHolder {
  pid: number;
  /** The command line, cut at 120 characters. */
  command: string;
}

/** The addresses of loopback on which a port is taken; empty when it is free on both. */
export async function addressesTaken(port: number): Promise<string[]> {
  const taken = await Promise.all(
    ['127.0.0.1', '::1'].map(async (host) => ((await canListen(host, port)) ? '' : host)),
  );
  return taken.filter((host) => host !== '');
}

function canListen(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  // Only a taken address counts: a machine without IPv6 answers EADDRNOTAVAIL, and that is no obstacle.
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}

/** The process that listens on a TCP port, from Linux's /proc; undefined elsewhere, or when it is another user's. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = await listeningSockets(port);
  if (inodes.size === 0) return undefined;
  const entries = await readdir('/proc').catch(() => []);
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    if (await holdsSocket(entry, inodes)) return { pid: Number(entry), command: await commandOf(entry) };
  }
  return undefined;
}

async function listeningSockets(port: number): Promise<Set<string>> {
  const LISTEN = '0A';
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const inodes = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === LISTEN && local.endsWith(`:${wanted}`) && inode) inodes.add(`socket:[${inode}]`);
  }
  return inodes;
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.some((link) => inodes.has(link));
}

async function commandOf(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim().slice(0, 120) || '(command unknown)';
}
