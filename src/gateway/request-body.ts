import type { ClientBody } from './client/client.ts';

/** As much of a request body as was read before the request goes on. */
export interface ReadBody {
  bytes: Buffer;
  /** Nothing follows. Otherwise the request is paused and the rest still has to be read from it. */
  complete: boolean;
}

export const EMPTY = Buffer.alloc(0);

/** Reads until the end or until `limit` bytes are there, whichever comes first. A client that leaves is never heard of again. */
export function readBody(body: ClientBody, limit: number, done: (body: ReadBody) => void): void {
  let chunks: Buffer[] | undefined;
  let first: Buffer | undefined;
  let size = 0;
  const finish = (complete: boolean): void => {
    const bytes = chunks ? Buffer.concat(chunks, size) : (first ?? EMPTY);
    done({ bytes, complete });
  };
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (chunks) chunks.push(chunk);
    else if (first) chunks = [first, chunk];
    else first = chunk;
    if (size < limit) return;
    body.pause();
    finish(false);
  };
  body.read(onData, () => finish(true));
}
