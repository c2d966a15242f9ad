import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the model. */
export interface Scripted {
  text?: string;
  calls?: readonly { name: string; args: unknown }[];
  /** Breaks the stream off after the text. */
  broken?: boolean;
  /** Waits for this after the text. */
  until?: Promise<unknown>;
}

export interface Llm {
  baseUrl: string;
  /** Bodies of the requests, and the key that each came with. */
  seen: { body: Record<string, unknown>; key: string }[];
  close: () => Promise<void>;
}

type Script = (round: number) => Scripted | { status: number; body: unknown };

/** Speaks the wire format of one of the two APIs, streaming as they do, and refuses what they would refuse. */
export async function startLlm(api: 'anthropic' | 'openai', script: Script): Promise<Llm> {
  const seen: Llm['seen'] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (/\/models/.test(path)) {
      return json(response, 200, {
        object: 'list',
        data: [{ id: 'model-large' }, { id: 'model-small' }, ...(api === 'openai' ? [{ id: 'text-embedding-9' }] : [])],
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
    const key = api === 'anthropic' ? request.headers['x-api-key'] : request.headers.authorization;
    seen.push({ body, key: String(key) });
    const fault = api === 'anthropic' ? anthropicFault(path, request, body) : openAiFault(path, body);
    if (fault) return json(response, 400, { error: { type: 'invalid_request_error', message: fault } });
    const scripted = script(seen.length - 1);
    if ('status' in scripted) return json(response, scripted.status, scripted.body);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return api === 'anthropic' ? writeAnthropic(response, scripted) : writeOpenAi(response, scripted);
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl: api === 'anthropic' ? origin : `${origin}/v1`, seen, close };
}

interface Block {
  type: string;
  id?: string;
  tool_use_id?: string;
  text?: string;
}

function anthropicFault(path: string, request: IncomingMessage, body: Record<string, unknown>): string | undefined {
  if (path !== '/v1/messages' || request.headers['anthropic-version'] !== '2023-06-01') return 'wrong path or version';
  if (typeof body['max_tokens'] !== 'number') return 'max_tokens: Field required';
  const messages = body['messages'] as { role: string; content: string | Block[] }[];
  const blocksOf = (i: number): Block[] => {
    const content = messages[i]?.content ?? [];
    return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  };
  for (let i = 0; i < messages.length; i += 1) {
    if (blocksOf(i).some((block) => block.type === 'text' && block.text === ''))
      return 'text content blocks must be non-empty';
    const answered = blocksOf(i + 1).map((block) => block.tool_use_id);
    const open = blocksOf(i).filter((block) => block.type === 'tool_use' && !answered.includes(block.id));
    if (open.length > 0)
      return `messages.${i}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after`;
  }
  return undefined;
}

function openAiFault(path: string, body: Record<string, unknown>): string | undefined {
  if (path !== '/v1/chat/completions') return 'wrong path';
  const messages = body['messages'] as { role: string; tool_calls?: { id: string }[]; tool_call_id?: string }[];
  for (const [i, { tool_calls: calls = [] }] of messages.entries()) {
    const answered = messages.slice(i + 1, i + 1 + calls.length).map((message) => message.tool_call_id);
    if (!calls.every(({ id }) => answered.includes(id)))
      return "An assistant message with 'tool_calls' must be followed by tool messages";
  }
  return undefined;
}

async function writeAnthropic(response: ServerResponse, { text, calls = [], broken, until }: Scripted): Promise<void> {
  const event = (type: string, data: object): void =>
    void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const usage = { input_tokens: 25, output_tokens: 1 };
  event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage } });
  event('ping', {});
  let index = 0;
  if (text !== undefined) {
    event('content_block_start', { index, content_block: { type: 'text', text: '' } });
    for (const piece of pieces(text))
      event('content_block_delta', { index, delta: { type: 'text_delta', text: piece } });
    event('content_block_stop', { index });
    index += 1;
  }
  await until;
  if (broken) return void response.socket?.end();
  for (const { name, args } of calls) {
    event('content_block_start', { index, content_block: { type: 'tool_use', id: `toolu_${index}`, name, input: {} } });
    for (const piece of pieces(JSON.stringify(args))) {
      event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } });
    }
    event('content_block_stop', { index });
    index += 1;
  }
  event('message_delta', { delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null } });
  event('message_stop', {});
  response.end();
}

async function writeOpenAi(response: ServerResponse, { text, calls = [], broken, until }: Scripted): Promise<void> {
  const chunk = (delta: object, finish: string | null = null): void =>
    void response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  chunk({ role: 'assistant', content: '' });
  for (const piece of pieces(text ?? '')) chunk({ content: piece });
  await until;
  if (broken) return void response.socket?.end();
  for (const [index, { name, args }] of calls.entries()) {
    chunk({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] });
    for (const piece of pieces(JSON.stringify(args)))
      chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  chunk({}, calls.length > 0 ? 'tool_calls' : 'stop');
  response.end('data: [DONE]\n\n');
}

function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,5}/g) ?? [];
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
