import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { callTool, listTools, type McpOptions } from '../../../src/mcp/index.ts';
import { createFetch } from '../../../src/net/fetch.ts';
import { reply, result, rpcFailure, serve, type Seen, type Served } from './server.ts';

let served: Served;
afterEach(async () => served?.close());

const TOOLS = { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };

async function start(answer: (seen: Seen, response: ServerResponse) => void): Promise<McpOptions> {
  served = await serve(answer);
  return { server: served.url, accessToken: 'te', fetch: createFetch(), signal: AbortSignal.timeout(5_000) };
}

const failure = async (pending: Promise<unknown>): Promise<unknown> =>
  pending.then(
    () => 'no failure',
    (error: unknown) => error,
  );
const methods = (): unknown[] => served.seen.map(({ method, message }) => message.method ?? method);

describe('a server of the stateless revision', () => {
  test('gets version, method and name in headers and the client in _meta', async () => {
    const options = await start((seen, response) =>
      reply(response, 200, result(seen, { resultType: 'complete', content: [{ type: 'text', text: 'hi' }] })),
    );
    const called = await callTool({ ...options, name: 'écho', args: { a: 1 } });
    expect(called).toEqual({ content: [{ type: 'text', text: 'hi' }], isError: false });
    expect(served.seen).toHaveLength(1);
    expect(served.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer te',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?w6ljaG8=?=',
      accept: 'application/json, text/event-stream',
    });
    expect(served.seen[0]?.message.params).toMatchObject({
      arguments: { a: 1 },
      _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' },
    });
  });

  test('is not mistaken for an older one when it reports an error of its own', async () => {
    const options = await start((seen, response) => reply(response, 400, rpcFailure(seen, -32020, 'header mismatch')));
    expect(await failure(listTools(options))).toMatchObject({ code: 'MCP_ERROR', details: { code: -32020 } });
    expect(served.seen).toHaveLength(1);
  });

  test('that does not know a method says so once', async () => {
    const options = await start((seen, response) => reply(response, 404, rpcFailure(seen, -32601, 'Method not found')));
    expect(await failure(listTools(options))).toMatchObject({ code: 'MCP_ERROR' });
    expect(served.seen).toHaveLength(1);
  });

  test('that asks for input gets told that nobody can give it', async () => {
    const options = await start((seen, response) =>
      reply(response, 200, result(seen, { resultType: 'input_required', inputRequests: {} })),
    );
    expect(await failure(callTool({ ...options, name: 'ask', args: {} }))).toMatchObject({ code: 'TOOL_NEEDS_INPUT' });
  });
});

describe('a server with the initialize handshake', () => {
  test.each<[string, (seen: Seen, response: ServerResponse) => void]>([
    ['400 and text', (_, response) => reply(response, 400, 'Bad Request: Unsupported protocol version')],
    [
      '400 and an error without id',
      (_, response) =>
        reply(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'No valid session ID' } }),
    ],
    [
      '400 and the versions that it knows',
      (seen, response) => reply(response, 400, rpcFailure(seen, -32022, 'unsupported', { supported: ['2025-11-25'] })),
    ],
    ['404 and text', (_, response) => reply(response, 404, 'Session not found')],
    ['405', (_, response) => reply(response, 405, '')],
    [
      '200 and "not initialized"',
      (seen, response) => reply(response, 200, rpcFailure(seen, -32600, 'Server not initialized')),
    ],
  ])('that answers the first request with %s is initialized', async (_, refuse) => {
    const options = await start(legacy(refuse));
    expect(await listTools(options)).toHaveLength(1);
    expect(methods()).toEqual(['tools/list', 'initialize', 'notifications/initialized', 'tools/list', 'DELETE']);
    expect(served.seen[3]?.headers).toMatchObject({ 'mcp-session-id': 's-1', 'mcp-protocol-version': '2025-11-25' });
    expect(served.seen[1]?.headers).not.toHaveProperty('mcp-protocol-version');
  });

  test('that forgets the session gets a new one', async () => {
    let sessions = 0;
    const options = await start((seen, response) => {
      if (seen.message.method === 'initialize') sessions += 1;
      if (seen.message.method === 'tools/list' && sessions === 1) return reply(response, 404, 'gone');
      return legacy((_, refused) => reply(refused, 400, 'no session'))(seen, response);
    });
    expect(await listTools({ ...options, protocolVersion: '2025-11-25' })).toHaveLength(1);
    expect(sessions).toBe(2);
  });

  test('that speaks a version nobody knows is refused', async () => {
    const options = await start((seen, response) =>
      reply(response, 200, result(seen, { protocolVersion: '1999-01-01' })),
    );
    expect(await failure(listTools({ ...options, protocolVersion: '2025-11-25' }))).toMatchObject({
      code: 'BAD_MCP_ANSWER',
    });
  });

  test('may answer in a stream among other messages, and its own requests are answered', async () => {
    const options = await start((seen, response) => {
      if (seen.message.method === undefined) return void response.writeHead(202).end();
      if (seen.message.method !== 'tools/list') return legacy(() => undefined)(seen, response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': keep-alive\n\n');
      response.write(`data: {"jsonrpc":"2.0","id":7,"method":"roots/list"}\n\n`);
      response.write(`event: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\r\n\r\n`);
      const text = JSON.stringify(result(seen, TOOLS), null, 1).replaceAll('\n', '\ndata: ');
      // The stream stays open: the answer alone has to be enough.
      response.write(`data: ${text}\n\n`);
    });
    expect(await listTools({ ...options, protocolVersion: '2025-11-25' })).toHaveLength(1);
    await expect
      .poll(() => served.seen.some(({ message }) => message.id === 7 && message.error !== undefined))
      .toBe(true);
  });
});

describe('what a server can get wrong', () => {
  test.each<[string, (seen: Seen, response: ServerResponse) => void, string]>([
    ['a page', (_, response) => reply(response, 200, '<html>', { 'content-type': 'text/html' }), 'BAD_MCP_ANSWER'],
    ['nothing', (_, response) => void response.writeHead(200).end(), 'BAD_MCP_ANSWER'],
    [
      'an answer to another request',
      (_, response) => reply(response, 200, { jsonrpc: '2.0', id: 99, result: TOOLS }),
      'BAD_MCP_ANSWER',
    ],
    [
      'a stream that ends too early',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"jsonrpc"'),
      'BAD_MCP_ANSWER',
    ],
    ['no tools', (seen, response) => reply(response, 200, result(seen, {})), 'BAD_MCP_ANSWER'],
    ['a result that is no object', (seen, response) => reply(response, 200, result(seen, 3)), 'BAD_MCP_ANSWER'],
    ['500', (_, response) => reply(response, 500, 'oops'), 'BAD_MCP_ANSWER'],
    ['503', (_, response) => reply(response, 503, 'no upstream'), 'SERVER_DOWN'],
    [
      'endless pages',
      (seen, response) => reply(response, 200, result(seen, { tools: [], nextCursor: 'more' })),
      'BAD_MCP_ANSWER',
    ],
  ])('%s is one clear error', async (_, answer, code) => {
    const options = await start(answer);
    expect(await failure(listTools(options))).toMatchObject({ code });
  });

  test('an answer that breaks off', async () => {
    const options = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"jsonrpc"');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failure(listTools(options))).toMatchObject({ code: 'BAD_MCP_ANSWER' });
  });

  test('Ctrl+C while a tool works ends the wait', async () => {
    const stop = new AbortController();
    const options = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': thinking\n\n');
      setTimeout(() => stop.abort(new Error('SIGINT')), 20);
    });
    expect(await failure(callTool({ ...options, signal: stop.signal, name: 'slow', args: {} }))).toMatchObject({
      code: 'INTERRUPTED',
      exit: 130,
    });
  });
});

describe('refusals', () => {
  test('by the gateway’s policy are told as such, with the request’s id', async () => {
    const text = 'access denied, please see the authorization log for the request 4f-1 for details';
    const options = await start((seen, response) => reply(response, 200, rpcFailure(seen, -32602, text)));
    expect(await failure(listTools(options))).toMatchObject({
      code: 'POLICY_DENIED',
      exit: 4,
      details: { requestId: '4f-1' },
    });
  });

  test('of a tool’s arguments are not', async () => {
    const options = await start((seen, response) =>
      reply(response, 200, rpcFailure(seen, -32602, 'access denied by the librarian')),
    );
    expect(await failure(listTools(options))).toMatchObject({ code: 'MCP_ERROR', exit: 1 });
  });

  test('of the token carry the challenge', async () => {
    const options = await start((_, response) =>
      reply(response, 401, '', { 'www-authenticate': 'Bearer error="invalid_token"' }),
    );
    expect(await failure(listTools(options))).toMatchObject({
      code: 'TOKEN_REFUSED',
      status: 401,
      challenge: 'Bearer error="invalid_token"',
    });
  });

  test('403 without a call for scopes is no reason to sign in again', async () => {
    const options = await start((_, response) => reply(response, 403, 'forbidden'));
    expect(await failure(listTools(options))).not.toHaveProperty('challenge');
  });
});

describe('lists of tools', () => {
  test('are read over all pages', async () => {
    const options = await start((seen, response) => {
      const second = seen.message.params?.['cursor'] === 'two';
      reply(
        response,
        200,
        result(
          seen,
          second
            ? { tools: [{ name: 'b' }] }
            : { tools: [{ name: 'a', inputSchema: {} }, 'rubbish'], nextCursor: 'two' },
        ),
      );
    });
    expect((await listTools(options)).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

/** As 2025-11-25 servers do: a session, which every request has to name. */
function legacy(refuse: (seen: Seen, response: ServerResponse) => void, session = 's-1') {
  return (seen: Seen, response: ServerResponse): void => {
    const { headers, message, method } = seen;
    if (method === 'DELETE') return reply(response, 204, '');
    if (message.method === 'initialize') {
      return reply(response, 200, result(seen, { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {} }), {
        'mcp-session-id': session,
      });
    }
    if (headers['mcp-session-id'] !== session) return refuse(seen, response);
    if (message.method === 'notifications/initialized') return void response.writeHead(202).end();
    reply(response, 200, result(seen, TOOLS));
  };
}
