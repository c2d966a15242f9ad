/** The program of a small MCP server without any library: one tool, `hello`, over stateless Streamable HTTP on PORT. */
export const SMALL_SERVER = `const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'small', version: '1' },
  }),
  'tools/list': () => ({ tools: [{ name: 'hello', description: 'Greets', inputSchema: { type: 'object', properties: {} } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'hello from ' + process.env.PORT }] }),
};
const server = require('node:http').createServer(async (request, response) => {
  if (request.url !== '/mcp' || request.method !== 'POST') return response.writeHead(405).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { id, method, params } = JSON.parse(Buffer.concat(chunks));
  if (id === undefined) return response.writeHead(202).end();
  const answer = answers[method];
  const body = answer ? { result: answer(params) } : { error: { code: -32601, message: 'no such method' } };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
}).listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit()));
`;
