import { randomUUID } from 'node:crypto';
import {
  isInitializeRequest,
  WebStandardStreamableHTTPServerTransport,
  type EventStore,
  type JSONRPCMessage,
  type McpServer,
} from '@modelcontextprotocol/server';

/** Milliseconds after which a client whose stream was closed comes back. */
const RETRY = 50;

/** Sessions of the revisions up to 2025-11-25: `initialize`, a stream by GET, resumption by Last-Event-ID, DELETE. */
export class Sessions {
  readonly #transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  readonly #createServer: () => McpServer;

  constructor(createServer: () => McpServer) {
    this.#createServer = createServer;
  }

  async fetch(request: Request): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? undefined : this.#transports.get(id);
    if (known) return known.handleRequest(request);
    if (id !== null) return refusal(404, -32001, 'Session not found');
    const body: unknown =
      request.method === 'POST'
        ? await request
            .clone()
            .json()
            .catch(() => undefined)
        : undefined;
    if (!isInitializeRequest(body)) return refusal(400, -32000, 'Bad Request: Mcp-Session-Id header is required');
    return (await this.#open()).handleRequest(request);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map(async (transport) => transport.close()));
  }

  async #open(): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.#transports.set(id, transport),
      onsessionclosed: (id) => void this.#transports.delete(id),
      eventStore: new Events(),
      retryInterval: RETRY,
    });
    await this.#createServer().connect(transport);
    return transport;
  }
}

/** The events of one session; an id is `<stream> <number>`. */
class Events implements EventStore {
  readonly #events: { id: string; stream: string; message: JSONRPCMessage }[] = [];

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = `${stream}_${this.#events.length}`;
    this.#events.push({ id, stream, message });
    return id;
  }

  async replayEventsAfter(
    lastId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const at = this.#events.findIndex(({ id }) => id === lastId);
    const stream = this.#events[at]?.stream ?? '';
    const missed = this.#events.slice(at + 1).filter((event) => at >= 0 && event.stream === stream);
    // The event that opens a stream has no message.
    for (const { id, message } of missed) if ('jsonrpc' in message) await send(id, message);
    return stream;
  }
}

function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
