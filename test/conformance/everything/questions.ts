import { inputRequired, type InputRequest } from '@modelcontextprotocol/server';

/** What the tools ask clients, in the shapes of 2026-07-28 (SEP-2322). */
export const questions = {
  name: (message: string): InputRequest => ask(message, 'name', 'string'),
  colour: (message: string): InputRequest => ask(message, 'color', 'string'),
  consent: (message: string): InputRequest => ask(message, 'ok', 'boolean'),
  context: (message: string): InputRequest => ask(message, 'context', 'string'),
  model: (words: string, maxTokens = 100): InputRequest =>
    inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens }),
  roots: (): InputRequest => inputRequired.listRoots(),
};

function ask(message: string, property: string, type: 'string' | 'boolean'): InputRequest {
  const field = type === 'string' ? { type: 'string' as const } : { type: 'boolean' as const };
  return inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [property]: field }, required: [property] },
  });
}
