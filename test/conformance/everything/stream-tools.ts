import { setTimeout as wait } from 'node:timers/promises';
import { inputRequired, type McpServer, type ServerContext, type ServerNotifier } from '@modelcontextprotocol/server';
import { said } from './content.ts';
import { questions } from './questions.ts';

/** Milliseconds between two messages, so that each goes out by itself. */
const PAUSE = 50;

const log = async (context: ServerContext, words: string): Promise<void> => context.mcpReq.log('info', words);

/** Tools that say something before they answer, or instead of it. */
export function registerStreamTools(server: McpServer, notify: () => ServerNotifier): void {
  server.registerTool('test_tool_with_logging', { description: 'Logs three times' }, async (context) => {
    await log(context, 'Tool execution started');
    await wait(PAUSE);
    await log(context, 'Tool processing data');
    await wait(PAUSE);
    await log(context, 'Tool execution completed');
    return said('logged');
  });
  server.registerTool('test_logging_tool', { description: 'Logs to whoever asked for it' }, async (context) => {
    await log(context, 'heard by those who named a level');
    return said('logged');
  });
  server.registerTool('test_tool_with_progress', { description: 'Reports progress three times' }, async (context) => {
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await wait(PAUSE);
      await report(context, progress);
    }
    return said('done');
  });
  server.registerTool('test_reconnection', { description: 'Hangs up before it answers' }, async (context) => {
    context.http?.closeSSE?.();
    await wait(2 * PAUSE);
    return said('answered after the stream was closed');
  });
  server.registerTool('test_streaming_elicitation', { description: 'Asks for a name' }, async () =>
    inputRequired({ inputRequests: { user_name: questions.name('What is your name?') } }),
  );
  registerTriggers(server, notify);
}

/** Changes that open `subscriptions/listen` streams are told. */
function registerTriggers(server: McpServer, notify: () => ServerNotifier): void {
  server.registerTool('test_trigger_tool_change', { description: 'Says that the tools changed' }, async () => {
    notify().toolsChanged();
    return said('told');
  });
  server.registerTool('test_trigger_prompt_change', { description: 'Says that the prompts changed' }, async () => {
    notify().promptsChanged();
    return said('told');
  });
}

async function report({ mcpReq }: ServerContext, progress: number): Promise<void> {
  const { _meta: meta } = mcpReq;
  const progressToken = meta?.progressToken;
  if (progressToken === undefined) return;
  await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
}
