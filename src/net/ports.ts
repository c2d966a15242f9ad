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
  const inodes = new Set((await listeningSockets(port)).map(({ inode }) => inode));
  if (inodes.size === 0) return undefined;
  for (const pid of await processes()) {
    if ((await socketsOf(pid, inodes)).length > 0) return { pid: Number(pid), command: await commandOf(pid) };
  }
  return undefined;
}

/** Processes that listen on one address and port with sockets of their own, as SO_REUSEPORT permits; as far as this user may see. */
export async function findPortSharers(port: number): Promise<PortHolder[]> {
  const sockets = await listeningSockets(port);
  for (const own of Map.groupBy(sockets, ({ address }) => address).values()) {
    const inodes = new Set(own.map(({ inode }) => inode));
    if (inodes.size < 2) continue;
    const holders: string[] = [];
    const seen = new Set<string>();
    for (const pid of await processes()) {
      const held = await socketsOf(pid, inodes);
      // A child that was handed its parent's socket listens with it.
      if (held.length === 0 || held.some((inode) => seen.has(inode))) continue;
      for (const inode of held) seen.add(inode);
      holders.push(pid);
    }
    if (holders.length > 1)
      return Promise.all(holders.map(async (pid) => ({ pid: Number(pid), command: await commandOf(pid) })));
  }
  return [];
}

async function processes(): Promise<string[]> {
  return (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry));
}

async function listeningSockets(port: number): Promise<{ address: string; inode: string }[]> {
  const LISTEN = '0A';
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables
    .join('\n')
    .split('\n')
    .flatMap((line) => {
      const [, address = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const isWanted = state === LISTEN && address.endsWith(`:${wanted}`);
      return isWanted && inode ? [{ address, inode: `socket:[${inode}]` }] : [];
    });
}

async function socketsOf(pid: string, inodes: ReadonlySet<string>): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.filter((link) => inodes.has(link));
}

async function commandOf(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim().slice(0, 120) || '(command unknown)';
}
