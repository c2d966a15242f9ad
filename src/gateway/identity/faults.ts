import { setTimeout as wait } from 'node:timers/promises';
import type { Reply } from '../exchange.ts';

/** What tests can break on purpose; a fault may carry a number of milliseconds, as in `slow-token=200`. */
const DEFAULT_DELAY = 5_000;
export const IDENTITY_FAULTS = ['refuse-refresh', 'slow-token', 'wrong-content-type-token'] as const;

/** The faults of the identity half, as asked for with `--fault`. Names of other parts' faults are not its business. */
export class Faults {
  readonly #named: ReadonlyMap<string, string>;

  constructor(faults: readonly string[]) {
    this.#named = new Map(
      faults.map((fault) => {
        const [name = '', value = ''] = fault.split('=');
        return [name, value];
      }),
    );
  }

  /** Every refresh grant ends in `invalid_grant`. */
  get refusesRefresh(): boolean {
    return this.#named.has('refuse-refresh');
  }

  /** Makes the token endpoint slow (`slow-token`) or mislabel its answer (`wrong-content-type-token`). */
  async spoilTokenReply(reply: Reply): Promise<Reply> {
    const slow = this.#named.get('slow-token');
    if (slow !== undefined) await wait(Number(slow) || DEFAULT_DELAY);
    if (!this.#named.has('wrong-content-type-token')) return reply;
    const headers = reply.headers.map(([name, value]): [string, string] => [
      name,
      name === 'Content-Type' ? 'text/html; charset=utf-8' : value,
    ]);
    return { ...reply, headers };
  }
}
