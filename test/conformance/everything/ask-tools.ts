import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { said } from './content.ts';

type Form = { properties: Record<string, unknown>; required?: string[] };

const text = (description: string): unknown => ({ type: 'string', description });
const titled = (...titles: string[]): unknown[] => titles.map((title, at) => ({ const: `value${at + 1}`, title }));

/** SEP-1034: a default for every primitive type. */
const DEFAULTS: Form = {
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
};

/** SEP-1330: every way to write a choice. */
const ENUMS: Form = {
  properties: {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled('First Option', 'Second Option', 'Third Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') } },
  },
};

/**
 * Tools that send the client a request: sessions up to 2025-11-25 only. They use `mcpReq.send`, which writes to the stream of the
 * call. The SDK's shorter ways write to the stream that the client opens by GET, and what is written before it is open is lost.
 */
export function registerAskTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the client for a completion', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const messages = [{ role: 'user', content: { type: 'text', text: prompt } }];
      const { content } = await mcpReq.send({ method: 'sampling/createMessage', params: { messages, maxTokens: 100 } });
      return said(`LLM response: ${JSON.stringify(content)}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, context) => {
      const properties = { username: text("User's response"), email: text("User's email address") };
      return said(`User response: ${await elicit(context, message, { properties, required: ['username', 'email'] })}`);
    },
  );
  for (const [name, fields] of Object.entries({ sep1034_defaults: DEFAULTS, sep1330_enums: ENUMS })) {
    server.registerTool(`test_elicitation_${name}`, { description: `Asks the user: ${name}` }, async (context) =>
      said(`Elicitation completed: ${await elicit(context, 'Please fill in', fields)}`),
    );
  }
}

async function elicit({ mcpReq }: ServerContext, message: string, form: Form): Promise<string> {
  const params = { message, requestedSchema: { type: 'object', ...form } };
  const { action, content } = await mcpReq.send({ method: 'elicitation/create', params });
  return `action=${action}, content=${JSON.stringify(content)}`;
}
