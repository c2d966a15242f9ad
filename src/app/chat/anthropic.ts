import { isRecord } from '../../json.ts';
import type { Fetch } from '../../net/fetch.ts';
import { errorText, getJson, LlmError, modelNames, streamEvents, textOf, type Event } from './llm-http.ts';
import { argumentsOf, type LlmSettings, type Message, type Model, type Reply, type ReplyRequest } from './model.ts';

const VERSION = '2023-06-01';
const MAX_TOKENS = 8_192;

/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages and its page on streaming. */
export function createAnthropic({ key, baseUrl, model }: LlmSettings, fetch: Fetch): Model {
  const headers = { 'x-api-key': key, 'anthropic-version': VERSION };
  return {
    service: new URL(baseUrl).host,
    fixed: model,
    list: async (signal) => modelNames(await getJson(fetch, `${baseUrl}/v1/models?limit=100`, headers, signal)),
    async reply(request) {
      const events = streamEvents(fetch, `${baseUrl}/v1/messages`, headers, bodyOf(request), request.signal);
      return readReply(events, request);
    },
  };
}

function bodyOf({ model, system, messages, tools }: ReplyRequest): unknown {
  return {
    model,
    max_tokens: MAX_TOKENS,
    stream: true,
    system,
    messages: messages.map(toMessage),
    ...(tools.length === 0
      ? {}
      : { tools: tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })) }),
  };
}

function toMessage(message: Message): unknown {
  if (message.role === 'user') return { role: 'user', content: message.text };
  if (message.role === 'tools') {
    const content = message.results.map(({ id, text, isError }) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: text,
      ...(isError ? { is_error: true } : {}),
    }));
    return { role: 'user', content };
  }
  const calls = message.calls.map((call) => ({
    type: 'tool_use',
    id: call.id,
    name: call.name,
    input: argumentsOf(call) ?? {},
  }));
  // A text block must not be empty.
  return {
    role: 'assistant',
    content: [...(message.text === '' ? [] : [{ type: 'text', text: message.text }]), ...calls],
  };
}

async function readReply(events: AsyncIterable<Event>, { onText }: ReplyRequest): Promise<Reply> {
  const reply: Reply = { text: '', calls: [] };
  const calls = new Map<unknown, Reply['calls'][number]>();
  for await (const event of events) {
    switch (event['type']) {
      case 'content_block_start': {
        const block = event['content_block'];
        if (!isRecord(block) || block['type'] !== 'tool_use') break;
        const call = { id: textOf(block['id']), name: textOf(block['name']), argumentsText: '' };
        calls.set(event['index'], call);
        reply.calls.push(call);
        break;
      }
      case 'content_block_delta':
        readDelta(event, calls.get(event['index']), (piece) => {
          reply.text += piece;
          onText(piece);
        });
        break;
      case 'message_delta': {
        const ended = endOf(event['delta']);
        if (ended) reply.ended = ended;
        break;
      }
      case 'message_stop':
        return reply;
      case 'error':
        throw new LlmError(`The service broke off: ${errorText(event) ?? 'without a reason'}`);
    }
  }
  throw new LlmError('The service broke off its answer.');
}

function readDelta(event: Event, call: Reply['calls'][number] | undefined, onText: (piece: string) => void): void {
  const { delta } = event;
  if (!isRecord(delta)) return;
  if (delta['type'] === 'text_delta' && typeof delta['text'] === 'string') onText(delta['text']);
  if (delta['type'] === 'input_json_delta' && call) call.argumentsText += textOf(delta['partial_json']);
}

function endOf(delta: unknown): string | undefined {
  const reason = isRecord(delta) ? delta['stop_reason'] : undefined;
  if (reason === 'max_tokens') return 'The answer was cut: it had become too long.';
  return reason === 'refusal' ? 'The model declined to answer.' : undefined;
}
