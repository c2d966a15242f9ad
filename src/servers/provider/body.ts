export interface Read {
  bytes: Buffer;
  /** More was there than the limit. */
  isCut: boolean;
}

/** Reads at most `limit` bytes of a body and leaves the rest unread. */
export async function readAtMost(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Read> {
  if (!body) return { bytes: Buffer.alloc(0), isCut: false };
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), isCut: length > limit };
}
