import { randomBytes } from 'node:crypto';
import type { Log } from '../../net/log.ts';
import type { Options } from '../../pomerium/model.ts';
import { deriveKeys, type Keys } from './seal.ts';

/** The keys in force. They follow the shared secret when a reload changes it. */
export class Secret {
  readonly #options: () => Options;
  readonly #log: Log;
  readonly #onChange: () => void;
  #seen: Options | undefined;
  #text: string | undefined;
  #keys: Keys | undefined;

  /** `onChange`: whatever was opened with the old keys has to be forgotten. */
  constructor(options: () => Options, log: Log, onChange: () => void) {
    this.#options = options;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** One comparison of pointers unless the configuration was reloaded: it stands on the hot path. */
  keys(): Keys {
    const options = this.#options();
    if (this.#keys && options === this.#seen) return this.#keys;
    this.#seen = options;
    if (this.#keys && options.shared_secret === this.#text) return this.#keys;
    this.#text = options.shared_secret;
    if (this.#keys) this.#onChange();
    this.#keys = deriveKeys(this.#bytes(options.shared_secret));
    return this.#keys;
  }

  #bytes(text: string | undefined): Buffer {
    if (text !== undefined) return Buffer.from(text, 'base64');
    this.#log({
      level: 'warn',
      message: 'no shared_secret is set: tokens and sessions will not survive a restart',
      fix: 'set SHARED_SECRET to 32 random bytes in base64: head -c32 /dev/urandom | base64',
    });
    return randomBytes(32);
  }
}
