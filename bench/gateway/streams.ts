/** Opens event streams and leaves them be: `streams.ts <options as JSON>`. Prints `open` when every one has said something. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';

const { port, ca, host, path, headers, count } = JSON.parse(process.argv[2] ?? '{}') as {
  port: number;
  ca: string;
  host: string;
  path: string;
  headers: string;
  count: number;
};
const pem = readFileSync(ca);
const AT_ONCE = 50;

function open(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const servername = host.replace(/:\d+$/, '');
  const socket = connect({ host: '127.0.0.1', port, ca: pem, servername, ALPNProtocols: ['http/1.1'] }, () => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n${headers}\r\n`);
  });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.includes(': open')) resolve();
    else if (text.startsWith('HTTP/1.1 4')) reject(new Error(text.slice(0, 100)));
  });
  socket.on('error', reject);
  return promise;
}

for (let opened = 0; opened < count; opened += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, open));
}
process.stdout.write('open\n');
// The streams keep the process alive until it is told to end.
