import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePlainHead } from '../../../src/gateway/client/plain-head.ts';

const START = 'POST /mcp?a=b HTTP/1.1\r\nHost: mcp.localhost:8443';

describe('the quick parser of request heads', () => {
  test('takes what an MCP client sends', () => {
    const head = `${START}\r\nContent-Type: application/json\r\nconnection: keep-alive\r\nX-Empty:\r\nContent-Length:  12 `;
    expect(parsePlainHead(head)).toEqual({
      method: 'POST',
      target: '/mcp?a=b',
      rawHeaders: [
        'Host',
        'mcp.localhost:8443',
        'Content-Type',
        'application/json',
        'connection',
        'keep-alive',
        'X-Empty',
        '',
        'Content-Length',
        '12',
      ],
      contentLength: 12,
    });
  });

  const LEFT: [name: string, head: string][] = [
    ['chunked bodies', `${START}\r\nTransfer-Encoding: chunked`],
    ['a second length, even the same', `${START}\r\nContent-Length: 1\r\nContent-Length: 1`],
    ['a length with a sign', `${START}\r\nContent-Length: +1`],
    ['a length with a leading zero', `${START}\r\nContent-Length: 01`],
    ['no host', 'GET / HTTP/1.1'],
    ['two hosts', `${START}\r\nhost: other`],
    ['Connection: close', `${START}\r\nConnection: close`],
    ['Connection with a name', `${START}\r\nConnection: keep-alive, x`],
    ['an upgrade', `${START}\r\nUpgrade: websocket`],
    ['Expect', `${START}\r\nExpect: 100-continue`],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a'],
    ['an absolute target', 'GET https://a/ HTTP/1.1\r\nHost: a'],
    ['a method of its own', 'BREW / HTTP/1.1\r\nHost: a'],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: a'],
    ['a fold', `${START}\r\nX: a\r\n b`],
    ['a bare line feed', `${START}\r\nX: a\nY: b`],
    ['a bare carriage return', `${START}\r\nX: a\rY: b`],
    ['a space before the colon', `${START}\r\nX : a`],
    ['a character beyond ASCII', `${START}\r\nX: \u00e4`],
    ['an empty name', `${START}\r\n: a`],
  ];

  test.each(LEFT)('leaves %s to the complete parser', (_, head) => {
    expect(parsePlainHead(head)).toBeUndefined();
  });

  describe('beside node:http', () => {
    let seen: { method: string; url: string; rawHeaders: string[] } | undefined;
    const server = createServer((request, response) => {
      seen = { method: request.method ?? '', url: request.url ?? '', rawHeaders: request.rawHeaders };
      response.end();
    });

    beforeAll(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.listen(0, '127.0.0.1', resolve);
      return promise;
    });

    afterAll(() => {
      server.close();
      server.closeAllConnections();
    });

    const name = fc.string({ unit: fc.constantFrom(...Array.from('abXY-_!#09 :\t')), minLength: 1, maxLength: 8 });
    const value = fc.string({ unit: fc.constantFrom(...Array.from('ab, ;="\t\u00e4:%')), maxLength: 10 });
    const head = fc
      .tuple(fc.constantFrom('GET', 'POST', 'DELETE'), fc.array(fc.tuple(name, value), { maxLength: 5 }))
      .map(
        ([method, lines]) => `${method} /x HTTP/1.1\r\nHost: a\r\n${lines.map((line) => line.join(':')).join('\r\n')}`,
      );

    test('what it takes, node:http reads in the same way', async () => {
      await fc.assert(
        fc.asyncProperty(head, async (text) => {
          const plain = parsePlainHead(text);
          fc.pre(plain !== undefined);
          seen = undefined;
          const { promise, resolve } = Promise.withResolvers<void>();
          const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
          socket.on('data', () => socket.destroy()).on('close', () => resolve());
          socket.write(`${text}\r\n\r\n`, 'latin1');
          await promise;
          expect(seen).toEqual({ method: plain?.method, url: plain?.target, rawHeaders: plain?.rawHeaders });
        }),
        { numRuns: 100 },
      );
    }, 20_000);
  });
});
