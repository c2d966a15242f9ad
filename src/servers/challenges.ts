import type { Challenge } from './tool.ts';

/**
 * Turns the answer to a request into the challenge that a tool asked for. HTTP's status comes before the first byte of a tool's
 * answer, so the answer is held back until that byte is there.
 */
export class Challenges {
  readonly #noted = new WeakMap<Request, Noted>();

  /** `message` says why, for whoever reads the answer's body. */
  note(request: Request, challenge: Challenge, message: string): void {
    this.#noted.set(request, { ...challenge, message });
  }

  async put(request: Request, response: Response): Promise<Response> {
    const reader = response.body?.getReader();
    const first = await reader?.read();
    const noted = this.#noted.get(request);
    if (noted) {
      await reader?.cancel();
      return toResponse(noted);
    }
    return reader && first ? new Response(resumed(first, reader), response) : response;
  }
}

interface Noted extends Challenge {
  message: string;
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
type Read = Awaited<ReturnType<Reader['read']>>;

/** The stream as it was before its first part was read. */
function resumed(first: Read, reader: Reader): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next: Read | undefined = first;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = next ?? (await reader.read());
      next = undefined;
      if (value) controller.enqueue(value);
      if (done) controller.close();
    },
    cancel: async (reason) => reader.cancel(reason),
  });
}

function toResponse({ status, header, message }: Noted): Response {
  return Response.json(
    { jsonrpc: '2.0', error: { code: -32001, message }, id: null },
    { status, headers: { 'WWW-Authenticate': header, 'Cache-Control': 'no-store' } },
  );
}
