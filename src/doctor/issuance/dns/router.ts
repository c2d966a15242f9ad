import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';

/** RFC 6886 §3.1. */
const PORT = 5351;
/** Milliseconds; a router that knows the protocol answers in a few. */
const PATIENCE = 700;

/** The router that this machine sends everything to, from Linux's table; undefined elsewhere. */
export async function defaultRouter(): Promise<string | undefined> {
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  const [, , gateway] = table.split('\n').map((line) => line.split('\t')).find(([, destination]) => destination === '00000000') ?? []; // prettier-ignore
  const bytes = gateway?.match(/../g)?.toReversed();
  return bytes?.map((byte) => Number.parseInt(byte, 16)).join('.');
}

/** What a home router says its address in the internet is (NAT-PMP, RFC 6886 §3.2); undefined when it does not say. */
export async function routerAddress(
  router: string,
  signal: AbortSignal,
  { port = PORT, patience = PATIENCE }: { port?: number; patience?: number } = {},
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => resolve(undefined), patience);
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('error', onAbort);
  // Only the router itself is heard.
  socket.on('message', (answer, { address }) => {
    if (address === router) resolve(readAnswer(answer));
  });
  socket.send(Buffer.from([0, 0]), port, router);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.close();
  }
}

/** Version 0, operation 128, result 0, an epoch, the address. */
function readAnswer(answer: Buffer): string | undefined {
  if (answer.length < 12 || answer[0] !== 0 || answer[1] !== 128 || answer.readUInt16BE(2) !== 0) return undefined;
  return [...answer.subarray(8, 12)].join('.');
}
