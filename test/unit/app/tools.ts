import { onTestFinished } from 'vitest';
import { reply, result, rpcFailure, serve, type Served } from '../mcp/server.ts';

/** A red square of one pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

export const TOOLS = [
  {
    name: 'place_order',
    title: 'Place an order',
    description: 'Orders something.\nWith every kind of argument that a form can have.',
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    inputSchema: {
      type: 'object',
      required: ['item', 'count', 'size'],
      properties: {
        note: { type: 'string', maxLength: 500, description: 'Anything else we should know' },
        item: { type: 'string', minLength: 2, maxLength: 20, description: 'What to order' },
        count: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
        price: { type: 'number', exclusiveMinimum: 0 },
        size: { enum: ['small', 'large', 3], description: 'How large' },
        gift: { type: 'boolean', default: false },
        email: { type: 'string', format: 'email' },
        when: { type: 'string', format: 'date' },
        colours: { type: 'array', items: { type: 'string', enum: ['red', 'green', 'blue'] }, maxItems: 2 },
        tags: { type: 'array', items: { type: 'string' } },
        amounts: { type: 'array', items: { type: 'integer' } },
        address: { $ref: '#/$defs/address' },
        voucher: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
      },
      $defs: { address: { type: 'object', description: 'Where to', properties: { city: { type: 'string' } } } },
    },
  },
  { name: 'picture', annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } },
  { name: 'rows', annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } },
  { name: 'links', annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } },
  { name: 'fail', annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } },
  { name: 'break', inputSchema: { type: 'object' } },
  {
    name: '<img src=x onerror=alert(1)>',
    description: '</p><script>document.title = "owned"</script>',
    inputSchema: { type: 'object', properties: { '"><script>': { type: 'string', title: '<b>bold</b>' } } },
  },
  { name: `very_${'long_'.repeat(24)}name`, description: 'word'.repeat(80), inputSchema: { type: 'object' } },
];

const ANSWERS: Record<string, unknown> = {
  picture: { content: [{ type: 'image', data: PIXEL, mimeType: 'image/png' }] },
  rows: {
    content: [{ type: 'text', text: '{"rows":[{"id":1,"name":"Ada"},{"id":2,"name":null}]}' }],
    structuredContent: {
      rows: [
        { id: 1, name: 'Ada' },
        { id: 2, name: null },
      ],
    },
  },
  links: {
    content: [
      { type: 'resource_link', uri: 'https://example.com/report', name: 'report', description: 'All of it' },
      { type: 'resource_link', uri: 'javascript:alert(1)', name: 'trap' },
      { type: 'resource', resource: { uri: 'file:///readme', mimeType: 'text/plain', text: 'Read <me>' } },
    ],
  },
  fail: { content: [{ type: 'text', text: 'out of paper' }], isError: true },
};

/** A server of the legacy era, with a session, and tools of all kinds; a call of a tool that it does not know comes back as it was sent. */
export async function serveTools(): Promise<Served> {
  const served = await serve((seen, response) => {
    const { method, params = {} } = seen.message;
    if (seen.headers['mcp-method']) return reply(response, 400, rpcFailure(seen, -32600, 'Server not initialized'));
    if (method === 'initialize') {
      const about = {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'tools', version: '1' },
      };
      return reply(response, 200, result(seen, about), { 'mcp-session-id': 's' });
    }
    if (seen.message.id === undefined || seen.method === 'DELETE') return reply(response, 202, '');
    if (method === 'tools/list') return reply(response, 200, result(seen, { tools: TOOLS }));
    const name = String(params['name']);
    if (name === 'break') return reply(response, 200, rpcFailure(seen, -32603, 'it broke'));
    const echo = { content: [{ type: 'text', text: JSON.stringify(params['arguments']) }] };
    return reply(response, 200, result(seen, ANSWERS[name] ?? echo));
  });
  onTestFinished(async () => served.close());
  return served;
}
