import type { IncomingHttpHeaders } from 'node:http';
import type { McpRequest, PolicyInput, Session } from '../pomerium/model.ts';
import type { Inbound } from './inbound.ts';

/** What policy sees of a request. Headers and host name are worked out for the few rules that ask. */
export class PolicyView implements PolicyInput {
  readonly session?: Session;
  readonly http: HttpView;
  readonly mcp?: McpRequest;

  constructor(inbound: Inbound, session: Session | undefined, mcp: McpRequest | undefined) {
    this.http = new HttpView(inbound);
    if (session) this.session = session;
    if (mcp) this.mcp = mcp;
  }
}

class HttpView {
  readonly #inbound: Inbound;
  readonly method: string;
  readonly path: string;
  readonly ip: string;

  constructor(inbound: Inbound) {
    this.#inbound = inbound;
    this.method = inbound.method;
    this.path = inbound.path;
    this.ip = inbound.remoteAddress;
  }

  get hostname(): string {
    return this.#inbound.host.replace(/:\d+$/, '');
  }

  get headers(): IncomingHttpHeaders {
    return this.#inbound.request.headers();
  }
}
