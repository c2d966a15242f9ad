import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { systemError } from '../../system-error.ts';
import type { ProgressEvent } from '../engine.ts';
import { isOwnFolder, type ControlFailure, type ControlReply, type ControlRequest } from './control-protocol.ts';

/** What a request does. Rejections that carry a `failure` are told to the client as they are. */
export type Answer = (request: ControlRequest, progress: (event: ProgressEvent) => void) => Promise<unknown>;

export interface ControlServer {
  close(): Promise<void>;
}

/** Listens on the control socket, which only this user may open. */
export async function listenForControl(path: string, answer: Answer): Promise<ControlServer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (!(await isOwnFolder(dirname(path)))) throw new Error(`${dirname(path)} belongs to another user`);
  // Whoever called has made sure that no engine lives; a socket file that is left over would make listen() fail.
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away in the middle of an answer is no fault of the engine's.
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket })
      .on('line', (line) => void serve(socket, line, answer))
      // It passes the socket's errors on, and one that nobody hears would end the engine.
      .on('error', () => undefined);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  // The socket is made by listen() itself, so the mask has to hold only for that call.
  const mask = process.umask(0o177);
  server.listen(path, resolve);
  process.umask(mask);
  await promise;
  await chmod(path, 0o600);
  return {
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.end();
      await Promise.race([closed, new Promise((done) => setTimeout(done, 200))]);
      for (const socket of sockets) socket.destroy();
      await rm(path, { force: true });
    },
  };
}

async function serve(socket: Socket, line: string, answer: Answer): Promise<void> {
  const reply = (message: ControlReply): void => void (socket.writable && socket.write(`${JSON.stringify(message)}\n`));
  const request = parseRequest(line);
  if (!request) return void socket.destroy();
  const { id } = request;
  try {
    const result = await answer(request, (progress) => reply({ id, progress }));
    reply({ id, result });
  } catch (error) {
    reply({ id, failure: failureOf(error) });
  }
}

function parseRequest(line: string): ControlRequest | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isRequest = typeof value === 'object' && value !== null && 'id' in value && 'method' in value;
    return isRequest ? (value as ControlRequest) : undefined;
  } catch {
    return undefined;
  }
}

/** An error as it travels over the control socket: code, message, why and fix of a CliError survive. */
export function failureOf(error: unknown): ControlFailure {
  const known = systemError(error) ?? error;
  const { code, why, fix } = known as Partial<ControlFailure>;
  const message = known instanceof Error ? known.message : String(known);
  return {
    code: code ?? 'UNEXPECTED',
    message,
    ...(why === undefined ? {} : { why }),
    fix: fix ?? 'mcpgw logs engine',
  };
}
