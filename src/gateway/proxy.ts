import type { Socket } from 'node:net';
import type { Reply } from './exchange.ts';
import { localReply } from './local-reply.ts';
import type { Passage } from './passage.ts';
import { Relay } from './relay.ts';
import type { ReadBody } from './request-body.ts';
import { requestHead } from './request-head.ts';
import { logAccess } from './request-log.ts';
import { refuse, sendReply } from './respond.ts';
import type { Target } from './route-plan.ts';
import type { Connection, UpstreamEvents } from './upstream/connection.ts';
import { describeFailure, IDLE, NO_UPSTREAM, TIMED_OUT, type LocalFailure } from './upstream/failure.ts';
import { ResponseError } from './upstream/response-framing.ts';
import type { ResponseNotes } from './upstream/response-parser.ts';
import { Upload } from './upload.ts';
import { refusalAnswer } from './upstream-token.ts';

/** RFC 9110 §9.2.2: may be sent again when a connection turns out to have been closed under it. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/**
 * Sends a request that passed its checks to an upstream of its route. `authorization`: the value of the header that the gateway
 * itself sets there, in place of the client's.
 */
export function forward(passage: Passage, body: ReadBody, authorization: string | undefined): void {
  const { gateway, inbound, response, plan, session } = passage;
  const target = plan.targets.next(session?.id ?? '');
  if (!target || gateway.faults.unavailable) {
    replyFailure(passage, NO_UPSTREAM);
    return;
  }
  const announced = inbound.contentLength > 0 ? inbound.contentLength : undefined;
  const length = body.complete ? body.bytes.length : announced;
  const head = requestHead(inbound, plan, target, session, { length, authorization });
  if (head === undefined) refuse(response, 400, 'Bad Request');
  else new Exchanging(passage, target, head, body).start(false);
}

function replyFailure(passage: Passage, failure: LocalFailure): void {
  const { gateway, inbound, response, plan } = passage;
  inbound.request.body.discard();
  sendReply(gateway, inbound, response, localReply(inbound.requestId, inbound.accept, failure), {
    added: plan.response.added,
    details: failure.text,
    cluster: plan.cluster,
  });
}

/** One request on its way to an upstream: its connection, its body, its time. */
class Exchanging implements UpstreamEvents {
  readonly #passage: Passage;
  readonly #target: Target;
  readonly #head: string;
  readonly #body: ReadBody;
  readonly #relay: Relay;
  #connection: Connection | undefined;
  #upload: Upload | undefined;
  #over = false;
  #clientGone = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(passage: Passage, target: Target, head: string, body: ReadBody) {
    this.#passage = passage;
    this.#target = target;
    this.#head = head;
    this.#body = body;
    this.#relay = new Relay(passage);
  }

  /** `fresh`: for the second time, on a connection that nobody used before. */
  start(fresh: boolean): void {
    const { inbound, plan, response } = this.#passage;
    const connection = this.#target.pool.take(fresh);
    this.#connection = connection;
    if (!fresh) {
      response.onClose(() => this.#clientLeft());
      if (plan.timeout > 0) this.#timer = setTimeout(() => this.#timedOut(TIMED_OUT), plan.timeout);
      if (plan.idleTimeout > 0) this.#idle = setTimeout(() => this.#timedOut(IDLE), plan.idleTimeout);
    }
    connection.send(inbound.method, this.#head, this.#body.complete ? this.#body.bytes : undefined, this);
    if (this.#body.complete) return;
    const chunked = inbound.contentLength < 0;
    this.#upload = new Upload(inbound.request.body, connection, chunked, () => this.#idle?.refresh());
    this.#upload.start(this.#body.bytes);
  }

  head(status: number, rawHeaders: string[], notes: ResponseNotes | undefined): void {
    this.#idle?.refresh();
    const answer = refusalAnswer(this.#passage, status, rawHeaders);
    if (answer) this.#replaceBy(answer).catch(() => this.#passage.response.breakOff());
    else this.#relay.head(status, rawHeaders, notes);
  }

  /** What the upstream says is for the gateway alone; nothing of it goes on. */
  async #replaceBy(answer: Promise<Reply>): Promise<void> {
    const { gateway, inbound, response, plan } = this.#passage;
    this.#release();
    this.#connection?.abort();
    const reply = await answer;
    if (this.#clientGone) return;
    sendReply(gateway, inbound, response, reply, { added: plan.response.added, details: '', cluster: plan.cluster });
  }

  data(chunk: Buffer): void {
    if (this.#connection) this.#relay.data(chunk, this.#connection);
  }

  flush(): void {
    this.#idle?.refresh();
    if (!this.#over && this.#connection) this.#relay.flush(this.#connection);
  }

  end(): void {
    this.#finish('via_upstream');
    this.#relay.end();
  }

  failed(error: Error): void {
    if (this.#over) return;
    if (this.#mayRetry(error)) this.start(true);
    else if (this.#relay.begun) this.#breakOff('upstream_reset_after_response_started');
    else this.#fail(describeFailure(error));
  }

  drain(): void {
    this.#upload?.drain();
  }

  upgraded(_rawHeaders: string[], _rest: Buffer, socket: Socket): void {
    socket.destroy();
    // Nobody asked for it: the request head that the proxy writes has no Upgrade.
    this.#fail(describeFailure(new ResponseError('unexpected upgrade')));
  }

  #mayRetry(error: Error): boolean {
    const stale = this.#connection?.reused === true && !this.#relay.begun && this.#body.complete;
    return stale && IDEMPOTENT.has(this.#passage.inbound.method) && !(error instanceof ResponseError);
  }

  #clientLeft(): void {
    this.#clientGone = true;
    if (this.#over) return;
    this.#connection?.abort();
    this.#finish('downstream_remote_disconnect');
    this.#relay.release();
  }

  #timedOut(failure: LocalFailure): void {
    if (this.#over) return;
    this.#connection?.abort();
    if (this.#relay.written) this.#breakOff(failure.text);
    else this.#fail(failure);
  }

  #fail(failure: LocalFailure): void {
    if (this.#over) return;
    this.#release();
    replyFailure(this.#passage, failure);
  }

  #breakOff(details: string): void {
    this.#connection?.abort();
    this.#finish(details);
    this.#relay.breakOff();
  }

  #finish(details: string): void {
    const { gateway, inbound, plan } = this.#passage;
    this.#release();
    logAccess(gateway, inbound, {
      status: this.#relay.status,
      size: this.#relay.size,
      details,
      cluster: plan.cluster,
      authority: this.#target.hostHeader ?? inbound.host,
      path: this.#target.pathOf(inbound.path),
    });
  }

  #release(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#idle);
    this.#upload?.stop();
  }
}
