import { connect } from 'node:net';
import { CliError } from '../errors.ts';
import { addressesTaken, findPortHolder } from '../net/ports.ts';

/** Throws PORT_BUSY, with who holds it, when a port is taken on either address of loopback. */
export async function assertPortFree(port: number, what: string, fix: string): Promise<void> {
  if ((await addressesTaken(port)).length > 0) throw await portBusy(port, what, fix);
}

export async function portBusy(port: number, what: string, fix: string): Promise<CliError> {
  const holder = await findPortHolder(port);
  return new CliError({
    code: 'PORT_BUSY',
    message: `port ${port} (${what}) is held by ${holder ? `${holder.command} (pid ${holder.pid})` : 'another program'}`,
    ...(holder ? {} : { why: 'who it is cannot be seen from here: another user’s program, or one in a container' }),
    fix: holder ? `stop it: kill ${holder.pid}\n${fix}` : fix,
    details: { port, ...(holder ? { pid: holder.pid, command: holder.command } : {}) },
  });
}

/** `port 9000 is held by nginx (pid 12)`; undefined when it is free. */
export async function whoHolds(port: number): Promise<string | undefined> {
  if ((await addressesTaken(port)).length === 0) return undefined;
  const holder = await findPortHolder(port);
  return `port ${port} is held by ${holder ? `${holder.command} (pid ${holder.pid})` : 'another program'}`;
}

/** Whether somebody accepts connections on a port of this machine. */
export function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
  const end = (answer: boolean): void => {
    socket.destroy();
    resolve(answer);
  };
  socket.once('connect', () => end(true));
  socket.once('timeout', () => end(false));
  socket.once('error', () => end(false));
  return promise;
}
