import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * Many clients in a process of their own, so that their sockets are not the gateway's. Each opens a connection, sends what it is told, and
 * says how many are open, have been answered, and were ended by the other side.
 */

export interface Orders {
  port: number;
  count: number;
  /** Empty: the client connects and says nothing. */
  bytes: string;
  /** Milliseconds between two further bytes of each client; 0: none follow. */
  dribble?: number;
}

export interface Report {
  open: number;
  answered: number;
  ended: number;
  failed: number;
}

/** Connections begun at once: a listener's queue is finite. */
const AT_ONCE = 200;
const sockets = new Set<Socket>();
const report: Report = { open: 0, answered: 0, ended: 0, failed: 0 };

function open(orders: Orders): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(orders.port, '127.0.0.1');
  const begun = orders.bytes === '' ? 'connect' : 'data';
  socket.once('connect', () => {
    report.open++;
    sockets.add(socket);
    socket.write(orders.bytes);
    if (orders.dribble !== undefined) resolve();
  });
  socket.once('data', () => report.answered++);
  socket.once(begun, () => resolve());
  socket.on('data', () => undefined);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (sockets.delete(socket)) report.ended++;
    else report.failed++;
    report.open = sockets.size;
    resolve();
  });
  return promise;
}

async function crowd(orders: Orders): Promise<void> {
  for (let done = 0; done < orders.count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, orders.count - done) }, () => open(orders)));
  }
  report.open = sockets.size;
  process.send?.({ ...report });
  while (orders.dribble && sockets.size > 0) {
    await sleep(orders.dribble);
    for (const socket of sockets) socket.write('x');
  }
}

process.on('message', (message: Orders | 'report' | 'leave') => {
  if (message === 'leave') for (const socket of sockets) socket.destroy();
  else if (message === 'report') process.send?.({ ...report });
  else void crowd(message);
});
process.send?.('ready');
