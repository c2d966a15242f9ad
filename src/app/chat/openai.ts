import { isRecord } from '../../json.ts';
import type { Fetch } from '../../net/fetch.ts';
import { errorText, getJson, LlmError, modelNames, streamEvents, type Event } from './llm-http.ts';
import type { LlmSettings, Message, Model, Reply, ReplyRequest } from './model.ts';

/** Models that do not chat stand in the same list. */
const OTHER_WORK = /embed|whisper|tts|dall-e|moderation|image|audio|realtime|transcribe|sora/i;

/** OpenAI's chat completions, which most other services and local runners speak as well. */
export function createOpenAi({ key, baseUrl, model }: LlmSettings, fetch: Fetch): Model {
  const headers = { authorization: `Bearer ${key}` };
  return {
    service: new URL(baseUrl).host,
    fixed: model,
    list: async (signal) => {
      const names = modelNames(await getJson(fetch, `${baseUrl}/models`, headers, signal));
      return names.filter((name) => !OTHER_WORK.test(name)).toSorted();
    },
    async reply(request) {
      const events = streamEvents(fetch, `${baseUrl}/chat/completions`, headers, bodyOf(request), request.signal);
      return readReply(events, request);
    },
  };
}

function bodyOf({ model, system, messages, tools }: ReplyRequest): unknown {
  return {
    model,
    stream: true,
    messages: [{ role: 'system', content: system }, ...messages.flatMap(toMessages)],
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, schema }) => ({
            type: 'function',
            function: { name, description, parameters: schema },
          })),
        }),
  };
}

function toMessages(message: Message): unknown[] {
  if (message.role === 'user') return [{ role: 'user', content: message.text }];
  if (message.role === 'tools') {
    return message.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
  }
  const calls = message.calls.map(({ id, name, argumentsText }) => ({
    id,
    type: 'function',
    function: { name, arguments: argumentsText },
  }));
  return [{ role: 'assistant', content: message.text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }];
}

async function readReply(events: AsyncIterable<Event>, { onText }: ReplyRequest): Promise<Reply> {
  const reply: Reply = { text: '', calls: [] };
  let isWhole = false;
  for await (const event of events) {
    const said = errorText(event);
    if (said !== undefined) throw new LlmError(`The service broke off: ${said}`);
    const choice: unknown = Array.isArray(event['choices']) ? event['choices'][0] : undefined;
    if (!isRecord(choice)) continue;
    const { delta } = choice;
    if (isRecord(delta)) {
      if (typeof delta['content'] === 'string' && delta['content'] !== '') {
        reply.text += delta['content'];
        onText(delta['content']);
      }
      if (Array.isArray(delta['tool_calls'])) for (const part of delta['tool_calls']) addCall(reply, part);
    }
    if (typeof choice['finish_reason'] === 'string') {
      isWhole = true;
      if (choice['finish_reason'] === 'length') reply.ended = 'The answer was cut: it had become too long.';
      if (choice['finish_reason'] === 'content_filter') reply.ended = 'The service held back the rest of the answer.';
    }
  }
  if (!isWhole) throw new LlmError('The service broke off its answer.');
  reply.calls = reply.calls.filter(Boolean);
  return reply;
}

/** A call comes in pieces: its name first, then its arguments, told apart by an index. */
function addCall({ calls }: Reply, part: unknown): void {
  if (!isRecord(part)) return;
  const index = typeof part['index'] === 'number' ? part['index'] : calls.length;
  const call = (calls[index] ??= { id: '', name: '', argumentsText: '' });
  const { name, arguments: text } = isRecord(part['function']) ? part['function'] : {};
  // Some services send no id; the answer has to name the call all the same.
  call.id ||= typeof part['id'] === 'string' ? part['id'] : `call_${index}`;
  if (typeof name === 'string') call.name += name;
  if (typeof text === 'string') call.argumentsText += text;
}
