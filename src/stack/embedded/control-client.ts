import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { CliError } from '../../errors.ts';
import type { ProgressEvent } from '../engine.ts';
import { isOwnFolder, type ControlReply, type ControlRequest } from './control-protocol.ts';

export interface ControlClient {
  /** Resolves with the result. Rejects with the engine's CliError, or with ConnectionLost when the engine goes away. */
  request<T>(
    method: ControlRequest['method'],
    options?: { service?: string; progress?: (event: ProgressEvent) => void; signal?: AbortSignal },
  ): Promise<T>;
  close(): void;
}

/** The engine ended, or closed the connection, before it answered. */
export class ConnectionLost extends Error {}

/** Connects to a control socket; undefined when nobody listens there. */
export async function connectToEngine(path: string): Promise<ControlClient | undefined> {
  // In the temp folder somebody else could have made the folder and listen there.
  if (!(await isOwnFolder(dirname(path)))) return undefined;
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = connect({ path });
  socket.once('connect', () => resolve(socket));
  socket.once('error', () => resolve(undefined));
  return (await promise) ? createClient(socket) : undefined;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  progress(event: ProgressEvent): void;
}

function createClient(socket: Socket): ControlClient {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const lines = createInterface({ input: socket });
  // It passes the socket's errors on; what they mean is told by the socket's end.
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    const reply = JSON.parse(line) as ControlReply;
    const one = waiting.get(reply.id);
    if (!one) return;
    if ('progress' in reply) return one.progress(reply.progress);
    waiting.delete(reply.id);
    if ('failure' in reply) one.reject(new CliError(reply.failure));
    else one.resolve(reply.result);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const one of waiting.values()) one.reject(new ConnectionLost('the engine closed the connection'));
    waiting.clear();
  });
  return {
    request: async <T>(method: ControlRequest['method'], options: Parameters<ControlClient['request']>[1] = {}) => {
      const { service, signal } = options;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const id = ++lastId;
      if (socket.destroyed) throw new ConnectionLost('the engine closed the connection');
      waiting.set(id, { resolve, reject, progress: options.progress ?? (() => undefined) });
      const abort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      socket.write(`${JSON.stringify({ id, method, ...(service === undefined ? {} : { service }) })}\n`);
      return (await promise.finally(() => {
        waiting.delete(id);
        signal?.removeEventListener('abort', abort);
      })) as T;
    },
    close: () => socket.destroy(),
  };
}
