import type { IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bed, config, Heard, HOST } from './support/proxy-bed.ts';
import { optionsOf, startTestGateway } from './support/start.ts';
import { openSocket, sendRaw } from './support/wire.ts';

function post(text: string): string {
  return `POST /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

describe('streams, abandoned requests and failures', () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.open();
  });

  afterEach(() => {
    bed.upstream.handler = (_, response) => void response.end('ok');
  });

  afterAll(() => bed.close());

  test('an event reaches the client while the stream is open, and the stream is counted', async () => {
    const { promise: mayEnd, resolve: finish } = Promise.withResolvers<void>();
    bed.upstream.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      void mayEnd.then(() => response.end('data: two\n\n'));
    };
    const socket = openSocket(bed.target);
    const heard = new Heard(socket);
    socket.write(
      `GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await heard.until('data: one\n\n');
    expect(bed.gateway.stats().openStreams).toBe(1);
    finish();
    await heard.until('data: two\n\n');
    await heard.until('0\r\n\r\n');
    expect(bed.gateway.stats().openStreams).toBe(0);
    socket.destroy();
  });

  test('the head of a silent stream is there at once', async () => {
    bed.upstream.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    };
    const socket = openSocket(bed.target);
    const heard = new Heard(socket);
    socket.write(`GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\n\r\n`);
    await heard.until('\r\n\r\n');
    expect(heard.text).toContain('HTTP/1.1 200 OK');
    socket.destroy();
  });

  test.each(['HTTP/1.1', 'HTTP/2'])('%s: a client that leaves takes the upstream request with it', async (version) => {
    const arrived = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    bed.upstream.handler = (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      request.socket.once('close', () => left.resolve());
      arrived.resolve();
    };
    if (version === 'HTTP/2') {
      const stream = bed.session.request({
        ':method': 'GET',
        ':path': '/mcp',
        ':authority': HOST,
        authorization: 'Bearer alice',
      });
      stream.on('error', () => undefined).resume();
      await arrived.promise;
      stream.close(8);
    } else {
      const socket = openSocket(bed.target);
      socket.write(`GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\n\r\n`);
      await arrived.promise;
      socket.destroy();
    }
    await left.promise;
    await expect.poll(() => bed.gateway.stats().openStreams).toBe(0);
  });

  test('an upstream that dies in the middle leaves no answer that looks whole', async () => {
    bed.upstream.handler = (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n', () => request.socket.destroy());
    };
    const bytes = await sendRaw(
      bed.target,
      `GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\n\r\n`,
    );
    expect(bytes.toString()).toContain('data: one');
    expect(bytes.toString().endsWith('0\r\n\r\n')).toBe(false);
    const stream = bed.session.request({
      ':method': 'GET',
      ':path': '/mcp',
      ':authority': HOST,
      authorization: 'Bearer alice',
    });
    const ended = Promise.withResolvers<number>();
    stream.on('error', () => undefined).resume();
    stream.on('close', () => ended.resolve(stream.rstCode));
    expect(await ended.promise).not.toBe(0);
  });

  test('an upstream that is slow to take a body slows the client down', async () => {
    const started = Promise.withResolvers<IncomingMessage>();
    bed.upstream.handler = (request, response) => {
      request.pause();
      request.on('end', () => response.end('done'));
      started.resolve(request);
    };
    const size = 64 * 1_024 * 1_024;
    const socket = openSocket(bed.target);
    const heard = new Heard(socket);
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\nContent-Length: ${size}\r\n\r\n`,
    );
    const chunk = Buffer.alloc(1_024 * 1_024);
    let sent = 0;
    const pump = (): void => {
      while (sent < size) {
        sent += chunk.length;
        if (!socket.write(chunk)) return void socket.once('drain', pump);
      }
    };
    pump();
    const request = await started.promise;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(size / 2);
    request.resume();
    await heard.until('done');
    socket.destroy();
  }, 20_000);

  test('a client that reads slowly slows the upstream down', async () => {
    let written = 0;
    const size = 64 * 1_024 * 1_024;
    bed.upstream.handler = (_request, response) => {
      response.writeHead(200, { 'content-length': size });
      const chunk = Buffer.alloc(1_024 * 1_024);
      const pump = (): void => {
        while (written < size) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pump);
        }
        response.end();
      };
      pump();
    };
    const socket = openSocket(bed.target);
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length));
    socket.write(`GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\n\r\n`);
    await expect.poll(() => received).toBeGreaterThan(0);
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(size / 2);
    socket.resume();
    await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThan(size);
    socket.destroy();
  }, 20_000);

  test('calls one after the other on one connection, also pipelined, are answered in order', async () => {
    bed.upstream.handler = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => response.end(`<${Buffer.concat(chunks).toString()}>`));
    };
    const socket = openSocket(bed.target);
    const heard = new Heard(socket);
    socket.write(post('one'));
    await heard.until('<one>');
    socket.write(post('two') + post('three') + post('four'));
    await heard.until('<four>');
    expect(heard.text.match(/<\w+>/g)).toEqual(['<one>', '<two>', '<three>', '<four>']);
    // A request that the quick parser leaves to Node's, on the same connection, and one after it.
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfive\r\n0\r\n\r\n${post('six')}`,
    );
    await heard.until('<six>');
    expect(heard.text).toContain('<five>');
    socket.destroy();
  });

  test('Expect: 100-continue is answered, and the body arrives', async () => {
    bed.upstream.handler = (request, response) => void request.pipe(response);
    const socket = openSocket(bed.target);
    const heard = new Heard(socket);
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer alice\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
    );
    await heard.until('HTTP/1.1 100 Continue');
    socket.write('hello');
    await heard.until('hello');
    socket.destroy();
  });

  test('a route with a timeout ends what takes longer: 504 before the answer, a broken stream after', async () => {
    bed.upstream.handler = () => undefined;
    const late = await bed.http1('GET', undefined, { accept: 'application/json' }, 'plain.localhost:8443');
    expect(late.status).toBe(504);
    expect(JSON.parse(late.body)).toMatchObject({ statusText: 'response_timeout' });
    bed.upstream.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
    };
    await expect(bed.http1('GET', undefined, {}, 'plain.localhost:8443')).rejects.toThrow('aborted');
  });

  test('an upstream that answers rubbish is a 502', async () => {
    const rubbish = createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const { promise, resolve } = Promise.withResolvers<void>();
    rubbish.listen(0, '127.0.0.1', resolve);
    await promise;
    const other = await startTestGateway({
      yaml: config(),
      certificate: bed.certificate,
      upstreams: { 'upstream:80': (rubbish.address() as AddressInfo).port },
    });
    const bytes = await sendRaw(
      { port: other.port, ca: other.ca, servername: 'mcp.localhost' },
      `GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAccept: application/json\r\nAuthorization: Bearer alice\r\nConnection: close\r\n\r\n`,
    );
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 502 Bad Gateway/);
    await other.close();
    rubbish.close();
  });

  test('reload changes what the next request sees, and an open stream goes on', async () => {
    bed.upstream.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      setTimeout(() => response.end('data: two\n\n'), 150);
    };
    const stream = bed.http1('GET');
    await expect.poll(() => bed.gateway.stats().openStreams).toBe(1);
    bed.gateway.reload(optionsOf(config().replaceAll('mcp.localhost:8443', 'other.localhost:8443'), bed.certificate));
    expect((await bed.http1('GET')).status).toBe(404);
    expect((await stream).body).toBe('data: one\n\ndata: two\n\n');
    bed.gateway.reload(optionsOf(config(), bed.certificate));
    bed.upstream.handler = (_, response) => void response.end('ok');
    expect((await bed.http1('GET')).status).toBe(200);
  });
});
