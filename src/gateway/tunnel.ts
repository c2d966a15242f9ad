import type { Socket } from 'node:net';
import { completeHead } from './head-template.ts';
import { localReply } from './local-reply.ts';
import type { Passage } from './passage.ts';
import { Relay } from './relay.ts';
import { requestHead } from './request-head.ts';
import { logAccess } from './request-log.ts';
import { httpDate, sendReply } from './respond.ts';
import { translateHead } from './response-rules.ts';
import type { Target } from './route-plan.ts';
import { renewalFailure, upstreamAuthorization, upstreamTokenFailure } from './upstream-token.ts';
import { describeFailure, NO_UPSTREAM, type LocalFailure } from './upstream/failure.ts';
import type { Reply } from './exchange.ts';

/** The client's end, once its protocol is another. */
export interface ClientEnd {
  socket: Socket;
  /** What it sent behind its request. */
  head: Buffer;
}

/** Asks an upstream of the route to go over to `protocol`. Its refusal is the client's answer; else both ends are joined. */
export function openTunnel(passage: Passage, protocol: string, takeClient: () => ClientEnd): void {
  const { gateway, inbound, plan, session } = passage;
  const failure = upstreamTokenFailure(passage);
  if (failure) return answer(passage, failure, '');
  const target = plan.targets.next(session?.id ?? '');
  if (!target || gateway.faults.unavailable) return answerFailure(passage, NO_UPSTREAM);
  const go = (authorization: string | undefined): void => {
    const head = requestHead(inbound, plan, target, session, { length: 0, authorization });
    if (head === undefined) return answerFailure(passage, NO_UPSTREAM);
    const wire = `${head.slice(0, -2)}connection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`;
    ask(passage, target, wire, takeClient);
  };
  const authorization = upstreamAuthorization(passage);
  if (authorization instanceof Promise) {
    authorization
      .then(go, (error: unknown) => answer(passage, renewalFailure(passage, error), ''))
      .catch((error: unknown) => {
        gateway.log({ level: 'error', message: 'an upgrade failed by a bug of the gateway', error: String(error) });
        passage.response.breakOff();
      });
  } else go(authorization);
}

function ask(passage: Passage, target: Target, wire: string, takeClient: () => ClientEnd): void {
  const { inbound, response } = passage;
  const connection = target.pool.takeForUpgrade();
  const relay = new Relay(passage);
  let open = true;
  response.onClose(() => {
    if (open) connection.abort();
  });
  connection.send(inbound.method, wire, Buffer.alloc(0), {
    head: (status, rawHeaders, notes) => relay.head(status, rawHeaders, notes),
    data: (chunk) => relay.data(chunk, connection),
    flush: () => relay.flush(connection),
    end() {
      open = false;
      log(passage, target, relay.status, 'via_upstream');
      relay.end();
    },
    drain: () => undefined,
    failed(error) {
      open = false;
      if (relay.begun) relay.breakOff();
      else answerFailure(passage, describeFailure(error));
    },
    upgraded(rawHeaders, rest, upstream) {
      open = false;
      log(passage, target, 101, 'via_upstream');
      joinEnds(passage, takeClient(), { rawHeaders, rest, upstream });
    },
  });
}

interface UpstreamEnd {
  rawHeaders: string[];
  /** What it sent behind its head. */
  rest: Buffer;
  upstream: Socket;
}

/** Two ends of one conversation: each hears what the other says, and neither outlives the other. */
function joinEnds(passage: Passage, { socket, head }: ClientEnd, { rawHeaders, rest, upstream }: UpstreamEnd): void {
  // The client may have left while a token was renewed; its end then says nothing more.
  if (socket.destroyed) return void upstream.destroy();
  socket.write(switchingHead(passage, rawHeaders), 'latin1');
  if (rest.length > 0) socket.write(rest);
  if (head.length > 0) upstream.write(head);
  const { idleTimeout } = passage.plan;
  const end = (): void => void (socket.destroy(), upstream.destroy());
  const idle = idleTimeout > 0 ? setTimeout(end, idleTimeout) : undefined;
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    one.on('error', end).on('close', end);
    if (idle) one.on('data', () => idle.refresh());
    one.once('close', () => clearTimeout(idle));
    one.pipe(other);
  }
}

function switchingHead({ inbound, plan }: Passage, rawHeaders: readonly string[]): string {
  const protocol = valueOf(rawHeaders, 'upgrade') || (inbound.request.headers().upgrade ?? '');
  const translated = translateHead(rawHeaders, plan.response);
  const headers = completeHead(translated, plan.response, {
    contentLength: '',
    serviceTime: String(Math.round(performance.now() - inbound.startedAt)),
    date: httpDate(),
    requestId: inbound.requestId,
  });
  headers.push('connection', 'upgrade', 'upgrade', protocol);
  let lines = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let i = 0; i + 1 < headers.length; i += 2) lines += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${lines}\r\n`;
}

function valueOf(rawHeaders: readonly string[], name: string): string {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at === -1 ? '' : (rawHeaders[at + 1] ?? '');
}

function log({ gateway, inbound, plan }: Passage, target: Target, status: number, details: string): void {
  logAccess(gateway, inbound, {
    status,
    size: 0,
    details,
    cluster: plan.cluster,
    authority: target.hostOf(inbound) ?? inbound.host,
    path: target.pathOf(inbound.path),
  });
}

function answerFailure(passage: Passage, failure: LocalFailure): void {
  answer(passage, localReply(passage.inbound.requestId, passage.inbound.accept, failure), failure.text);
}

function answer({ gateway, inbound, response, plan }: Passage, reply: Reply, details: string): void {
  sendReply(gateway, inbound, response, reply, { added: plan.response.added, details, cluster: plan.cluster });
}
