import { fromJsonSchema, type CallToolResult, type McpServer } from '@modelcontextprotocol/server';
import { image, said, text, WAV } from './content.ts';

/** Each kind of content once; the suite calls them without arguments. */
const ANSWERS: Record<string, CallToolResult> = {
  test_simple_text: said('This is a simple text response for testing.'),
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] },
  test_embedded_resource: {
    content: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  },
  test_multiple_content_types: {
    content: [
      text('Multiple content types test:'),
      image,
      resource('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
    ],
  },
};

/** Keywords that a server or a gateway which rebuilds schemas would lose (SEP-1613, SEP-2106). */
const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** SEP-2243: a parameter that clients repeat in a header, and that the server compares. */
const MIRRORED = {
  type: 'object' as const,
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['region'],
};

export function registerContentTools(server: McpServer): void {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    server.registerTool(name, { description: `Answers ${name}` }, async () => answer);
  }
  server.registerTool('test_error_handling', { description: 'Always fails' }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Its schema has keywords of JSON Schema 2020-12', inputSchema: fromJsonSchema(SCHEMA_2020_12) },
    async (args) => said(JSON.stringify(args)),
  );
  server.registerTool(
    'test_mirrored_parameter',
    { description: 'Has a parameter that is repeated in a header', inputSchema: fromJsonSchema(MIRRORED) },
    async (args) => said(JSON.stringify(args)),
  );
}

function resource(uri: string, mimeType: string, words: string): CallToolResult['content'][number] {
  return { type: 'resource', resource: { uri, mimeType, text: words } };
}
