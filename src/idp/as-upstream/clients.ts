import { parseJson, recordOf } from '../../json.ts';
import { randomBytes, randomUUID } from 'node:crypto';
import type { UpstreamProviderOptions } from './options.ts';

export interface Client {
  id: string;
  name: string;
  /** Undefined: a public client. */
  secret: string | undefined;
  /** Undefined: any. */
  redirectUris: readonly string[] | undefined;
}

/** Bytes of a client ID metadata document that are read. */
const DOCUMENT_LIMIT = 5120;
const FETCH_TIMEOUT = 10_000;

/** The application registered beforehand, those that registered themselves, and those that are a URL. */
export class Clients {
  readonly #registered = new Map<string, Client>();
  readonly #options: UpstreamProviderOptions;

  constructor(options: UpstreamProviderOptions) {
    this.#options = options;
    const { client } = options;
    if (client) this.#registered.set(client.id, { redirectUris: undefined, ...client, name: client.id });
  }

  /** The client of this id, or a sentence that says why there is none. */
  async find(id: string): Promise<Client | string> {
    const known = this.#registered.get(id);
    if (known) return known;
    if (this.#options.clientMetadataDocuments && URL.parse(id)?.protocol === 'https:') return this.#fetchDocument(id);
    return `there is no client ${id}`;
  }

  /** A client of its own making (RFC 7591 §3); `secret` says whether it gets one. */
  register(name: string, redirectUris: readonly string[], secret: boolean): Client {
    const client: Client = {
      id: randomUUID(),
      name,
      secret: secret ? `upstream-secret-${randomBytes(24).toString('base64url')}` : undefined,
      redirectUris,
    };
    this.#registered.set(client.id, client);
    return client;
  }

  async #fetchDocument(id: string): Promise<Client | string> {
    const fetch = this.#options.fetch ?? globalThis.fetch;
    let text: string | undefined;
    try {
      const response = await fetch(id, {
        redirect: 'manual',
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(FETCH_TIMEOUT),
      });
      if (response.status !== 200) return `its metadata document answers ${response.status}: ${id}`;
      text = await readUpTo(DOCUMENT_LIMIT, response);
    } catch (error) {
      return `its metadata document cannot be fetched: ${id}: ${reasonOf(error)}`;
    }
    if (text === undefined) return `its metadata document is longer than 5 KB: ${id}`;
    return readDocument(id, parseJson(text));
  }
}

/** Undefined: there is more. */
async function readUpTo(limit: number, response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** draft-ietf-oauth-client-id-metadata-document §4: the document names its own URL and where it may be answered. */
function readDocument(id: string, value: unknown): Client | string {
  const document = recordOf(value);
  const redirectUris = document['redirect_uris'];
  if (document['client_id'] !== id) return `its metadata document does not name itself as client_id: ${id}`;
  if (!isTextList(redirectUris)) return `its metadata document has no redirect_uris: ${id}`;
  const name = typeof document['client_name'] === 'string' ? document['client_name'] : id;
  return { id, name, secret: undefined, redirectUris };
}

export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
