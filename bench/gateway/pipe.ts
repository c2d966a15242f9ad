/** A bare TLS pipe: bytes in, bytes out, nothing looked at. What TLS alone costs in Node. `pipe.ts <upstream port> <cert> <key> <port>` */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';

const [upstreamPort = '', cert = '', key = '', port = ''] = process.argv.slice(2);
const server = createServer(
  { cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ['http/1.1'] },
  (socket) => {
    const upstream = connect({ host: '127.0.0.1', port: Number(upstreamPort), noDelay: true });
    socket.setNoDelay(true);
    socket.pipe(upstream);
    upstream.pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  },
);
server.listen(Number(port), '127.0.0.1');
