import { createAccountKey, bindExternally, type AccountKey, type ExternalAccount } from './account-key.ts';
import { readAuthorization, readDirectory, readOrder } from './objects.ts';
import type { Authorization, Directory, Order } from './objects.ts';
import { AcmeRefusal, AcmeUnreachable } from './problem.ts';
import { exchange, RefusedAnswer, retryTime, type AcmeAnswer, type TransportOptions } from './transport.ts';

/** Attempts with a fresh nonce: a server may refuse a good one (RFC 8555 §6.5). */
const NONCE_ATTEMPTS = 8;

/** An object with the time, in milliseconds since 1970, before which the server wants no further look at it. */
export interface Polled<T> {
  object: T;
  retryAt?: number;
}

/** A conversation with one ACME server under an account of its own. Throws AcmeRefusal and AcmeUnreachable. */
export interface AcmeSession {
  thumbprint: string;
  newOrder(host: string, signal: AbortSignal): Promise<Order>;
  order(url: string, signal: AbortSignal): Promise<Order>;
  authorization(url: string, signal: AbortSignal): Promise<Polled<Authorization>>;
  /** Asks the server to validate (RFC 8555 §7.5.1). */
  answer(challengeUrl: string, signal: AbortSignal): Promise<void>;
  deactivateAuthorization(url: string, signal: AbortSignal): Promise<void>;
  deactivateAccount: (signal: AbortSignal) => Promise<void>;
}

export interface SessionOptions extends TransportOptions {
  directory: Directory;
  external?: ExternalAccount;
}

/** The directory, and what the server's clock says, in milliseconds since 1970. */
export async function fetchDirectory(
  options: TransportOptions,
  url: string,
  signal: AbortSignal,
): Promise<{ directory: Directory; serverTime?: number }> {
  const { body, headers } = await exchange(options, url, { method: 'GET', signal });
  const directory = readDirectory(body);
  if (!directory) throw new AcmeUnreachable(url, 'NO_ACME', 'the answer is no ACME directory');
  const serverTime = Date.parse(headers.get('date') ?? '');
  return { directory, ...(Number.isNaN(serverTime) ? {} : { serverTime }) };
}

/** Makes an account without contact, with a key that nothing keeps (RFC 8555 §7.3). */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<AcmeSession> {
  const key = createAccountKey();
  const { directory, external } = options;
  const post = createPost(options, key);
  const binding = external ? { externalAccountBinding: bindExternally(external, key, directory.newAccount) } : {};
  const made = await post(directory.newAccount, { termsOfServiceAgreed: true, ...binding }, signal, { jwk: key.jwk });
  const kid = locationOf(made, directory.newAccount);
  const asAccount = { kid };
  const read = async (url: string, at: AbortSignal): Promise<AcmeAnswer> => post(url, undefined, at, asAccount);
  return {
    thumbprint: key.thumbprint,
    newOrder: async (host, at) => {
      const payload = { identifiers: [{ type: 'dns', value: host }] };
      const answer = await post(directory.newOrder, payload, at, asAccount);
      return readOrder(locationOf(answer, directory.newOrder), answer.body);
    },
    order: async (url, at) => readOrder(url, (await read(url, at)).body),
    authorization: async (url, at) => {
      const { body, headers } = await read(url, at);
      const retryAt = retryTime(headers, options.now());
      return { object: readAuthorization(url, body), ...(retryAt === undefined ? {} : { retryAt }) };
    },
    answer: async (url, at) => void (await post(url, {}, at, asAccount)),
    deactivateAuthorization: async (url, at) => void (await post(url, { status: 'deactivated' }, at, asAccount)),
    deactivateAccount: async (at) => void (await post(kid, { status: 'deactivated' }, at, asAccount)),
  };
}

type Post = (url: string, payload: unknown, signal: AbortSignal, who: Record<string, unknown>) => Promise<AcmeAnswer>;

function createPost(options: SessionOptions, key: AccountKey): Post {
  let nonce: string | undefined;
  const freshNonce = async (signal: AbortSignal): Promise<string> => {
    const { newNonce } = options.directory;
    const { headers } = await exchange(options, newNonce, { method: 'HEAD', signal });
    const fresh = headers.get('replay-nonce');
    if (fresh === null) throw new AcmeUnreachable(newNonce, 'NO_ACME', 'the answer has no nonce');
    return fresh;
  };
  return async (url, payload, signal, who) => {
    for (let attempt = 1; ; attempt++) {
      const used = nonce ?? (await freshNonce(signal));
      nonce = undefined;
      try {
        const body = JSON.stringify(key.sign({ ...who, nonce: used, url }, payload));
        const answer = await exchange(options, url, { method: 'POST', signal, body });
        nonce = answer.headers.get('replay-nonce') ?? undefined;
        return answer;
      } catch (error) {
        if (error instanceof RefusedAnswer) nonce = error.headers.get('replay-nonce') ?? undefined;
        const again = error instanceof AcmeRefusal && error.problem.type === 'badNonce' && attempt < NONCE_ATTEMPTS;
        if (!again) throw error;
      }
    }
  };
}

function locationOf({ headers }: AcmeAnswer, url: string): string {
  const location = headers.get('location');
  if (location === null || !URL.canParse(location, url)) {
    throw new AcmeUnreachable(url, 'NO_ACME', 'the answer does not say where the new object is');
  }
  return new URL(location, url).href;
}
