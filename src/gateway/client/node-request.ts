import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { plainAddress, type ClientBody, type ClientRequest } from './client.ts';

export function http1Request(request: IncomingMessage): ClientRequest {
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '',
    rawHeaders: request.rawHeaders,
    headers: () => request.headers,
    http2: false,
    authority: undefined,
    ended: false,
    remoteAddress: plainAddress(request.socket.remoteAddress),
    body: new NodeBody(request),
    notes: undefined,
    contentLength: 0,
  };
}

export function http2Request(request: Http2ServerRequest): ClientRequest {
  return {
    method: request.method,
    target: request.url,
    rawHeaders: request.rawHeaders,
    headers: () => request.headers,
    http2: true,
    authority: request.authority,
    ended: request.stream.endAfterHeaders,
    remoteAddress: plainAddress(request.socket.remoteAddress),
    body: new NodeBody(request),
    notes: undefined,
    contentLength: 0,
  };
}

class NodeBody implements ClientBody {
  readonly #request: IncomingMessage | Http2ServerRequest;

  constructor(request: IncomingMessage | Http2ServerRequest) {
    this.#request = request;
  }

  read(onData: (chunk: Buffer) => void, onEnd: () => void): void {
    const request = this.#request as IncomingMessage;
    request.removeAllListeners('data').removeAllListeners('end');
    request.on('data', onData).on('end', onEnd);
  }

  pause(): void {
    this.#request.pause();
  }

  resume(): void {
    this.#request.resume();
  }

  onGone(listener: () => void): void {
    const request = this.#request as IncomingMessage;
    request.once('close', () => {
      if (!request.readableEnded) listener();
    });
  }

  discard(): void {
    const request = this.#request as IncomingMessage;
    request.removeAllListeners('data').removeAllListeners('end');
    request.resume();
  }
}
