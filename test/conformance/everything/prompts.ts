import { acceptedContent, completable, inputRequired, type McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { image, text } from './content.ts';
import { questions } from './questions.ts';

type Content = ReturnType<typeof text> | typeof image | { type: 'resource'; resource: EmbeddedText };
type EmbeddedText = { uri: string; mimeType: string; text: string };
type Prompt = { messages: { role: 'user'; content: Content }[] };

const prompt = (...contents: Content[]): Prompt => ({
  messages: contents.map((content) => ({ role: 'user' as const, content })),
});

export function registerPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'No arguments' }, () =>
    prompt(text('This is a simple prompt for testing.')),
  );
  const arg1 = completable(z.string(), (typed) => ['paris', 'park', 'party'].filter((word) => word.startsWith(typed)));
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Two arguments', argsSchema: z.object({ arg1, arg2: z.string() }) },
    (args) => prompt(text(`Prompt with arguments: arg1='${args.arg1}', arg2='${args.arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'A resource and a task', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => {
      const words = 'Embedded resource content for testing.';
      return prompt(
        { type: 'resource', resource: { uri: resourceUri, mimeType: 'text/plain', text: words } },
        text('Please process the embedded resource above.'),
      );
    },
  );
  server.registerPrompt('test_prompt_with_image', { description: 'An image and a task' }, () =>
    prompt(image, text('Please analyze the image above.')),
  );
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks for a context' }, ({ mcpReq }) => {
    const context = acceptedContent(mcpReq.inputResponses, 'user_context')?.['context'];
    if (typeof context === 'string') return prompt(text(`Context: ${context}`));
    return inputRequired({
      inputRequests: { user_context: questions.context('What context should the prompt use?') },
    });
  });
}
