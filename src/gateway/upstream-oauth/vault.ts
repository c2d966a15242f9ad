import type { Secret } from '../identity/secret.ts';
import { seal, unseal } from '../identity/seal.ts';

/** Seals what is stored about upstreams. A record is bound to its key: moved to another user's row it does not open. */
export class Vault {
  readonly #secret: Secret;

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  close(value: object, ...key: string[]): string {
    const plain = Buffer.from(JSON.stringify(value));
    return seal(this.#secret.keys().upstream, plain, JSON.stringify(key)).toString('base64');
  }

  /** Undefined: sealed with keys that are no longer in force, or under another key. */
  open(sealed: string, ...key: string[]): unknown {
    const plain = unseal(this.#secret.keys().upstream, Buffer.from(sealed, 'base64'), JSON.stringify(key));
    return plain && (JSON.parse(plain.toString('utf8')) as unknown);
  }
}
