import { describe, expect, onTestFinished, test } from 'vitest';
import type { LlmSettings } from '../../../src/app/chat/model.ts';
import { startLlm, type Llm, type Scripted } from './llm.ts';
import { startRig, type Rig } from './rig.ts';

const KEY = 'sk-very-secret-key';
type Api = LlmSettings['api'];

async function startChat(
  api: Api,
  script: (round: number) => Scripted | { status: number; body: unknown },
  model: string | null = 'model-large',
): Promise<
  Rig & { llm: Llm; say: (text: string) => Promise<void>; ended: () => Promise<string>; read: () => Promise<string> }
> {
  const llm = await startLlm(api, script);
  onTestFinished(llm.close);
  const rig = await startRig({ llm: { api, key: KEY, baseUrl: llm.baseUrl, model: model ?? undefined } });
  const read = async (): Promise<string> => (await rig.get('/chat')).text;
  return {
    ...rig,
    llm,
    read,
    async say(text) {
      const { status } = await rig.post('/chat', { message: text, model: 'model-small' });
      expect(status).toBe(303);
    },
    async ended() {
      await expect.poll(read, { timeout: 10_000 }).toMatch(/Send$/);
      return read();
    },
  };
}

const WHOAMI = { name: 'whoami__whoami', args: {} };
const ORDER = { name: 'tools__place_order', args: { item: 'tea', count: 1, size: 'small' } };

describe.each<Api>(['anthropic', 'openai'])('a chat by the API of %s', (api) => {
  test('calls a tool as the user and shows the call and the answer', async () => {
    const chat = await startChat(api, (round) =>
      round === 0 ? { text: 'Let me look.', calls: [WHOAMI] } : { text: 'You are Max.' },
    );
    await chat.say('Who am I?');
    const text = await chat.ended();
    expect(text).toMatch(/You Who am I\? Assistant Let me look\. Tool call ✓ done · \d+ ms whoami of whoami/);
    expect(text).toContain('member@example.com');
    expect(text).toContain('Assistant You are Max.');
    const [first, second] = chat.llm.seen;
    expect(JSON.stringify(first?.body['tools'])).toContain('shop__read_query');
    expect(JSON.stringify(second?.body['messages'])).toContain('member@example.com');
  });

  test('goes on after a second message with all that was said', async () => {
    const chat = await startChat(api, (round) => (round === 0 ? { calls: [WHOAMI] } : { text: `Answer ${round}` }));
    await chat.say('one');
    await chat.ended();
    await chat.say('two');
    expect(await chat.ended()).toContain('Assistant Answer 2');
    expect(chat.llm.seen).toHaveLength(3);
  });

  test.each([
    ['never', '! not called', 'The user refused this call.', 0],
    ['once', '✓ done', 'item', 1],
  ])('asks before a tool that may destroy: %s', async (consent, shown, told, calls) => {
    const chat = await startChat(api, (round) => (round === 0 ? { calls: [ORDER] } : { text: 'Well.' }));
    await chat.say('Order tea');
    await expect.poll(chat.read).toContain('Call it?');
    expect(chat.calls()).toEqual([]);
    const call = /name="call" value="([^"]+)"/.exec((await chat.get('/chat')).html)?.[1] ?? '';
    await chat.post('/chat/answer', { call, consent }, '/chat');
    expect(await chat.ended()).toContain(shown);
    expect(chat.calls()).toHaveLength(calls);
    expect(JSON.stringify(chat.llm.seen[1]?.body['messages'])).toContain(told);
  });

  test('asks no more once a tool is allowed for the chat', async () => {
    const chat = await startChat(api, (round) => (round < 2 ? { calls: [ORDER] } : { text: 'Twice.' }));
    await chat.say('Order tea twice');
    await expect.poll(chat.read).toContain('Call it?');
    const call = /name="call" value="([^"]+)"/.exec((await chat.get('/chat')).html)?.[1] ?? '';
    await chat.post('/chat/answer', { call, consent: 'always' }, '/chat');
    await chat.ended();
    expect(chat.calls()).toHaveLength(2);
  });

  test('stops by the button, also while it waits for consent, and can go on', async () => {
    const chat = await startChat(api, (round) => (round === 0 ? { calls: [ORDER] } : { text: 'On we go.' }));
    await chat.say('Order tea');
    await expect.poll(chat.read).toContain('Call it?');
    await chat.post('/chat/stop', {}, '/chat');
    expect(await chat.ended()).toContain('Stopped.');
    await chat.say('go on');
    expect(await chat.ended()).toContain('On we go.');
    expect(chat.calls()).toEqual([]);
  });

  test('stops in the middle of an answer and keeps what was said', async () => {
    const held = Promise.withResolvers<void>();
    const chat = await startChat(api, (round) =>
      round === 0 ? { text: 'A long story', until: held.promise } : { text: 'Again.' },
    );
    await chat.say('Tell');
    await expect.poll(chat.read).toContain('A long story');
    await chat.post('/chat/stop', {}, '/chat');
    expect(await chat.ended()).toMatch(/A long story.*Stopped\./);
    held.resolve();
    await chat.say('go on');
    expect(await chat.ended()).toContain('Again.');
  });

  test('limits how often the model may ask for tools', async () => {
    const chat = await startChat(api, () => ({ calls: [WHOAMI] }));
    await chat.say('loop');
    expect(await chat.ended()).toContain('Stopped after 10 rounds');
    expect(chat.llm.seen).toHaveLength(10);
  });

  test('tells a broken answer and goes on', async () => {
    const chat = await startChat(api, (round) => (round === 0 ? { text: 'Half', broken: true } : { text: 'Whole.' }));
    await chat.say('a');
    expect(await chat.ended()).toMatch(/Half.*broke off its answer/);
    await chat.say('b');
    expect(await chat.ended()).toContain('Whole.');
  });

  test.each([
    [401, { error: { message: `Incorrect API key provided: ${KEY}` } }, 'does not accept the key (status 401)'],
    [429, { error: { message: 'slow down' } }, 'slow down'],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'status 529: Overloaded'],
  ])('tells why the service refuses: %i', async (status, body, words) => {
    const chat = await startChat(api, () => ({ status, body }));
    await chat.say('hello');
    expect(await chat.ended()).toContain(words);
  });

  test('gives neither key nor token to the browser, the log or the model', async () => {
    const chat = await startChat(api, (round) => (round === 0 ? { calls: [WHOAMI, ORDER] } : { text: 'Done.' }));
    await chat.say('all');
    await expect.poll(chat.read).toContain('Call it?');
    await chat.post('/chat/stop', {}, '/chat');
    await chat.ended();
    const { html } = await chat.get('/chat');
    expect(html + JSON.stringify(chat.log)).not.toMatch(/sk-very|TE-/);
    expect(chat.llm.seen.map(({ key }) => key)).toEqual([api === 'anthropic' ? KEY : `Bearer ${KEY}`]);
    expect(JSON.stringify(chat.llm.seen.map(({ body }) => body))).not.toMatch(/sk-very|TE-/);
  });

  test('offers the service’s models when none is set', async () => {
    const chat = await startChat(api, () => ({ text: 'Hi.' }), null);
    expect(await chat.read()).toContain('model-large model-small Send');
    await chat.say('hello');
    await chat.ended();
    expect(chat.llm.seen[0]?.body['model']).toBe('model-small');
  });
});

test('a chat belongs to one session, and begins anew when told to', async () => {
  const chat = await startChat('anthropic', () => ({ text: 'Hello.' }));
  await chat.say('remember');
  await chat.ended();
  const headers = {
    authorization: `Bearer ${chat.gateway.issueToken()}`,
    'x-pomerium-jwt-assertion': await chat.gateway.sign({ sid: 'another' }),
  };
  expect(await (await fetch(`${chat.direct}/chat`, { headers })).text()).not.toContain('remember');
  await chat.post('/chat/new', {}, '/chat');
  expect(await chat.read()).not.toContain('remember');
});

test('the answer arrives while it is written', async () => {
  const held = Promise.withResolvers<void>();
  const chat = await startChat('openai', () => ({ text: 'So far', until: held.promise }));
  await chat.say('stream');
  expect((await chat.get('/chat')).html).toContain('<noscript><meta http-equiv="refresh"');
  const stream = await chat.gateway.fetch(new URL('/chat/events?since=0', chat.gateway.url));
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const readUntil = async (words: string): Promise<void> => {
    while (!text.includes(words)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`ended without ${words}: ${text}`);
      text += Buffer.from(value).toString('utf8');
    }
  };
  await readUntil('So far');
  expect(text).not.toContain('event: end');
  held.resolve();
  await readUntil('event: end');
});

test('a turn goes on with the token of a newer request when its own has ended', async () => {
  const chat = await startChat('anthropic', (round) => (round === 0 ? { calls: [ORDER] } : { text: 'Ordered.' }));
  await chat.say('Order tea');
  await expect.poll(chat.read).toContain('Call it?');
  chat.gateway.endTokens();
  const call = /name="call" value="([^"]+)"/.exec((await chat.get('/chat')).html)?.[1] ?? '';
  await chat.post('/chat/answer', { call, consent: 'once' }, '/chat');
  expect(await chat.ended()).toContain('✓ done');
});

test('without a key the page says how to set one', async () => {
  const { get } = await startRig();
  expect((await get('/chat')).text).toContain('ANTHROPIC_API_KEY');
});
