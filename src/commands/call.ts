import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import type { ContentItem, Tool } from '../mcp/index.ts';
import { nearest } from '../nearest.ts';
import { readCallWords, type CallWords } from './call-words.ts';
import { callOn, listFrom } from './served.ts';
import type { SignInOptions } from './sign-in.ts';
import { findTarget, type Target } from './target.ts';
import { parseToolArguments } from './tool-arguments.ts';
import { flagsOf, type ToolFlag } from './tool-flags.ts';
import { plainText } from '../plain-text.ts';

export interface CallOptions extends SignInOptions {
  route: string;
  tool?: string;
  jsonArgs?: string;
  /** Words after the route and the tool, as typed: our own flags among them and the tool's. */
  rest?: string[];
}

export type CallResult =
  | { kind: 'result'; tool: string; content: ContentItem[]; structuredContent?: unknown; asJson: boolean }
  | { kind: 'help'; route: string; tool: Tool; flags: ToolFlag[] }
  | { kind: 'command-help'; text: string };

/** Calls a tool with arguments from flags that are made of its schema. */
export async function run(given: Ctx, options: CallOptions): Promise<CallResult> {
  if (['--help', '-h'].includes(options.route)) return commandHelp(given);
  const words = readCallWords(options);
  const ctx = contextFor(given, words);
  const target = await findTarget(ctx, options.route);
  if (words.tool === undefined && words.help) return commandHelp(ctx);
  const tools = await listFrom(ctx, target, words.signIn);
  const tool = findTool(target, tools, words.tool);
  if (words.help) return { kind: 'help', route: target.word, tool, flags: flagsOf(tool) };
  const jsonArgs = words.jsonArgs === '-' ? await readAll(ctx) : words.jsonArgs;
  const args = parseToolArguments(tool, words.toolWords, jsonArgs, `mcpgw call ${target.word} ${tool.name}`);
  // Signed in anew once already, if that was asked for.
  const result = await callOn(ctx, target, { ...words.signIn, fresh: false }, { tool, args });
  if (result.isError) throw toolFailed(target.word, tool.name, result.content, result.structuredContent);
  const { isError: _, ...rest } = result;
  // A terminal obeys control characters; a pipe gets the tool's bytes as they are.
  const content = ctx.stdout.isTTY && !words.json ? rest.content.map(withoutControls) : rest.content;
  return { kind: 'result', tool: tool.name, ...rest, content, asJson: words.json };
}

export { callScreen as screen } from '../ui/screens/call.ts';

function withoutControls(item: ContentItem): ContentItem {
  return typeof item['text'] === 'string' ? { ...item, text: plainText(item['text']) } : item;
}

/** Global flags that stand after the route are not seen by the program's own parser, which leaves those words to us. */
function contextFor(ctx: Ctx, { cwd, input, json }: CallWords): Ctx {
  return {
    ...ctx,
    cwd: cwd ?? ctx.cwd,
    interactive: ctx.interactive && input && !json,
    json: ctx.json || json,
  };
}

async function commandHelp(ctx: Ctx): Promise<CallResult> {
  const { run: help } = await import('./help.ts');
  return { kind: 'command-help', text: (await help(ctx, { topic: 'call' })).text };
}

function findTool({ word }: Target, tools: readonly Tool[], name: string | undefined): Tool {
  const names = tools.map((tool) => tool.name);
  if (name === undefined) {
    throw usage(
      `name a tool of ${word}: ${names.join(', ') || 'it has none'}`,
      `mcpgw call ${word} ${names[0] ?? '<tool>'}`,
    );
  }
  const tool = tools.find((one) => one.name === name);
  if (tool) return tool;
  const close = nearest(name, names);
  throw usage(
    `${word} has no tool \`${name}\`${close ? `; did you mean \`${close}\`?` : `; it has ${names.join(', ') || 'none'}`}`,
    close ? `mcpgw call ${word} ${close}` : `mcpgw tools ${word}`,
  );
}

async function readAll(ctx: Ctx): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function toolFailed(route: string, name: string, content: ContentItem[], structuredContent: unknown): CliError {
  const texts = content.flatMap((item) => (typeof item['text'] === 'string' ? [item['text']] : []));
  const said = texts.join('\n').trim();
  return new CliError({
    code: 'TOOL_FAILED',
    message: `the tool ${name} failed`,
    ...(said === '' ? {} : { why: said.replace(/[^\x20-\x7e\n\u00a0-\uffff]/g, ' ') }),
    fix: `mcpgw call ${route} ${name} --help    # shows its parameters`,
    details: { content, ...(structuredContent === undefined ? {} : { structuredContent }) },
  });
}
