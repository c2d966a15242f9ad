import type { IncomingMessage } from 'node:http';
import { chatEvents, newChat, sendMessage, showChat, stopChat, answerQuestion } from './chat/handlers.ts';
import { disconnect, explainGateway, runTool, showHome, showServer, showTool } from './handlers.ts';
import { readForm, redirect, type Answer } from './http.ts';
import { badFormPage, brokenPage, forgedPage, notFoundPage } from './pages/errors.ts';
import type { Visit } from './site.ts';

const SHOW: Readonly<Record<string, (visit: Visit) => Promise<Answer>>> = {
  '/': showHome,
  '/server': showServer,
  '/tool': showTool,
  '/chat': showChat,
};

const ACT: Readonly<Record<string, (visit: Visit, sent: URLSearchParams) => Promise<Answer>>> = {
  '/tool': runTool,
  '/disconnect': disconnect,
  '/chat': sendMessage,
  '/chat/stop': stopChat,
  '/chat/answer': answerQuestion,
  '/chat/new': newChat,
};

/** The page for a request of somebody who is known. Never rejects. */
export async function route(visit: Visit, request: IncomingMessage, path: string): Promise<Answer> {
  try {
    return request.method === 'POST' ? await act(visit, request, path) : await show(visit, request, path);
  } catch (error) {
    const known = explainGateway(visit, error);
    if (known) return known;
    visit.site.log({ level: 'error', message: 'request failed', path, error: String(error) });
    return brokenPage(visit.visitor);
  }
}

async function show(visit: Visit, request: IncomingMessage, path: string): Promise<Answer> {
  if (path === '/chat/events') return chatEvents(visit, request);
  const handler = Object.hasOwn(SHOW, path) ? SHOW[path] : undefined;
  if (handler) return handler(visit);
  // A sign-in that came between a form and its answer leads back here by GET.
  if (Object.hasOwn(ACT, path)) return redirect(path.startsWith('/chat') ? '/chat' : '/');
  return notFoundPage(visit.visitor);
}

async function act(visit: Visit, request: IncomingMessage, path: string): Promise<Answer> {
  const { site, visitor } = visit;
  const handler = Object.hasOwn(ACT, path) ? ACT[path] : undefined;
  if (!handler) return notFoundPage(visitor);
  const sent = await readForm(request);
  if (!sent) return badFormPage(visitor);
  const refusal = site.forgery.refusal(visitor, request.headers.origin, sent.get('forgery') ?? undefined);
  if (refusal === undefined) return handler(visit, sent);
  site.log({ level: 'warn', message: 'form refused', path, reason: refusal });
  return forgedPage(visitor, refusal);
}
