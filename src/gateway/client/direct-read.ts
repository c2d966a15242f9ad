import type { Socket } from 'node:net';

/**
 * Hands over bytes where Node's socket pushes them into its stream, unless the stream holds some or rests: an event, a queue and a tick
 * for each read are a tenth of what a call costs. A Node that pushes in another way is served by the `data` events, which are to be
 * listened to all the same. Returns what ends it.
 */
export function readDirectly(socket: Socket, onData: (chunk: Buffer) => void): () => void {
  const push = socket.push.bind(socket);
  socket.push = (chunk: unknown): boolean => {
    if (!Buffer.isBuffer(chunk) || chunk.length === 0) return push(chunk);
    if (!socket.readableFlowing || socket.readableLength > 0) return push(chunk);
    onData(chunk);
    // Also when the stream was paused meanwhile: what comes next is queued, and the queue says when it is enough.
    return true;
  };
  return () => void Reflect.deleteProperty(socket, 'push');
}
