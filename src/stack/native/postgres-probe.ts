import { connect } from 'node:net';

/** Milliseconds for an answer. */
const PATIENCE = 1_000;
const PROTOCOL_3_0 = 196_608;

/**
 * Whether a PostgreSQL on loopback takes sessions: it asks for the password only once its recovery is over, while the port
 * accepts connections long before. PostgreSQL 17 documentation, Message Flow, Start-up.
 */
export function acceptsSessions(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port, timeout: PATIENCE });
  const end = (answer: boolean): void => {
    socket.destroy();
    resolve(answer);
  };
  socket.once('connect', () => socket.write(startupMessage({ user: 'pomerium', database: 'pomerium' })));
  // `R` asks for authentication, `E` is a refusal such as "the database system is starting up".
  socket.once('data', (data) => end(data[0] === 'R'.charCodeAt(0)));
  for (const event of ['timeout', 'error', 'close'] as const) socket.once(event, () => end(false));
  return promise;
}

function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('');
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(PROTOCOL_3_0, 4);
  return Buffer.concat([head, body]);
}
