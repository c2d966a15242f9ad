import { connect } from 'node:net';
import { addressesTaken, findPortHolder, type PortHolder } from '../../net/ports.ts';
import { lookAtTls, type TlsLook } from '../tls-look.ts';
import type { ChallengeType } from './dry-run/challenge.ts';
import { WEB_PORTS } from './dry-run/dry-run.ts';
import { machineAddresses } from './dns/addresses.ts';
import { createDns, type Dns } from './dns/records.ts';
import { defaultRouter, routerAddress } from './dns/router.ts';

/** What checks of issuance reach beyond a patient; tests bring their own. */
export interface Doors {
  dns: Dns;
  machineAddresses(): readonly string[];
  /** The address in the internet that this machine's router knows of itself. */
  routerAddress(signal: AbortSignal): Promise<string | undefined>;
  /** 80 and 443 in the world. */
  ports: Readonly<Record<ChallengeType, number>>;
  /** The only address to listen on; absent: all. */
  address?: string;
  holder: (port: number) => Promise<PortHolder | 'unknown' | undefined>;
  /** What this machine itself presents for a host, past DNS. */
  presents(host: string, port: number): Promise<TlsLook>;
  /** Milliseconds for all trials of a dry run; absent: as it is in the world. */
  limit?: number;
}

export function worldDoors(): Doors {
  return {
    dns: createDns(),
    machineAddresses,
    routerAddress: async (signal) => {
      const router = await defaultRouter();
      return router === undefined ? undefined : routerAddress(router, signal);
    },
    ports: WEB_PORTS,
    holder: portHolder,
    presents: async (host, port) =>
      lookAtTls({ host, port }, { resolve: (_name, at) => ({ host: '127.0.0.1', port: at }) }),
  };
}

/** Who listens: a process, somebody of another user or in a container ('unknown'), or nobody. */
export async function portHolder(port: number): Promise<PortHolder | 'unknown' | undefined> {
  const holder = await findPortHolder(port);
  if (holder) return holder;
  // Docker's packet filter can take a port without any process that listens.
  const isTaken = (await addressesTaken(port)).length > 0 || (await takesConnections(port));
  return isTaken ? 'unknown' : undefined;
}

function takesConnections(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port, timeout: 500 });
  const end = (isTaken: boolean): void => {
    socket.destroy();
    resolve(isTaken);
  };
  socket.once('connect', () => end(true));
  socket.once('timeout', () => end(false));
  socket.once('error', () => end(false));
  return promise;
}
