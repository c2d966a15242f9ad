import type { IncomingMessage, ServerResponse } from 'node:http';
import { page, redirect, type Answer } from '../http.ts';
import { chatItem, chatPage, noKeyPage } from '../pages/chat.ts';
import { linksFor, type Visit } from '../site.ts';
import type { Chat } from './chat.ts';
import { answerMessage } from './turn.ts';

const BACK = '/chat#end';
/** Characters of one message. */
const MAX_MESSAGE = 100_000;
/** Entries of one conversation; the next message says to begin a new one. */
const MAX_ITEMS = 500;
/** Seconds between two looks of a browser without scripts. */
const LOOK_AGAIN = 2;

export async function showChat(visit: Visit): Promise<Answer> {
  const { site, visitor } = visit;
  const view = { title: 'Chat', visitor, here: 'chat' as const };
  const { model } = site.chats;
  if (!model) return page(200, { ...view, body: noKeyPage() });
  const chat = site.chats.of(visitor);
  const models = model.fixed === undefined ? await site.chats.models() : [model.fixed];
  const body = chatPage({ chat, model, models, forgery: linksFor(visit).forgery });
  return page(200, { ...view, body, ...(chat.isRunning && !chat.isAsking ? { refresh: LOOK_AGAIN } : {}) });
}

export async function sendMessage({ site, visitor }: Visit, sent: URLSearchParams): Promise<Answer> {
  const { model } = site.chats;
  const text = (sent.get('message') ?? '').replaceAll('\r\n', '\n').trim().slice(0, MAX_MESSAGE);
  const name = model?.fixed ?? sent.get('model')?.trim() ?? '';
  if (!model || text === '' || name === '') return redirect(BACK);
  const chat = site.chats.of(visitor);
  if (chat.isRunning) return redirect(BACK);
  if (chat.items.length > MAX_ITEMS) {
    chat.add('note', { tone: 'warn', text: 'This chat is full. Start a new one.' });
    return redirect(BACK);
  }
  chat.model = name;
  chat.token = visitor.token;
  chat.add('user', { text });
  chat.messages.push({ role: 'user', text });
  void answerMessage({ site, chat, model, name });
  return redirect(BACK);
}

export async function stopChat({ site, visitor }: Visit): Promise<Answer> {
  site.chats.of(visitor).stop();
  return redirect(BACK);
}

export async function newChat({ site, visitor }: Visit): Promise<Answer> {
  site.chats.renew(visitor);
  return redirect('/chat');
}

export async function answerQuestion({ site, visitor }: Visit, sent: URLSearchParams): Promise<Answer> {
  const consent = sent.get('consent');
  const known = consent === 'once' || consent === 'always' ? consent : 'never';
  site.chats.of(visitor).answer(sent.get('call'), known);
  return redirect(BACK);
}

/** Milliseconds: Pomerium ends a stream of an application after 30 s, and a new one brings a fresh token. */
const MAX_STREAM = 25_000;
/** Milliseconds for which changes are gathered. */
const PACE = 80;
const RETRY = 300;

/** What changes in the chat while it is being answered, as server-sent events; `end` when the answer is whole. */
export function chatEvents(visit: Visit, request: IncomingMessage): Answer {
  const { site, visitor, query, signal } = visit;
  const chat = site.chats.of(visitor);
  const { forgery } = linksFor(visit);
  const since = Number(request.headers['last-event-id'] ?? query.get('since') ?? 0) || 0;
  return {
    kind: 'stream',
    write(response) {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
        'X-Content-Type-Options': 'nosniff',
      });
      response.write(`retry: ${RETRY}\n\n`);
      follow({ chat, forgery, response, signal }, since);
    },
  };
}

interface Following {
  chat: Chat;
  forgery: string;
  response: ServerResponse;
  signal: AbortSignal;
}

function follow({ chat, forgery, response, signal }: Following, since: number): void {
  let sent = since;
  let timer: NodeJS.Timeout | undefined;
  const push = (): void => {
    timer = undefined;
    for (const item of chat.items.filter(({ version }) => version > sent).toSorted((a, b) => a.version - b.version)) {
      const data = JSON.stringify({ id: item.id, html: chatItem(item, forgery).text });
      response.write(`id: ${item.version}\nevent: item\ndata: ${data}\n\n`);
      sent = item.version;
    }
    if (!chat.isRunning) response.end('event: end\ndata: {}\n\n');
  };
  const stopWatching = chat.watch(() => (timer ??= setTimeout(push, PACE)));
  const limit = setTimeout(() => response.end(), MAX_STREAM);
  const clean = (): void => {
    stopWatching();
    clearTimeout(timer);
    clearTimeout(limit);
  };
  response.once('close', clean);
  signal.addEventListener('abort', clean, { once: true });
  push();
}
