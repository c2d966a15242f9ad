import type { Adapter } from './oidc.ts';
import type { State } from './state.ts';

/** How many writes pass between two clean-ups of what has expired. */
const WRITES_PER_SWEEP = 500;

/**
 * Makes oidc-provider's storage on top of the state file. `alreadyUsed` is thrown when two requests spend one code or refresh
 * token at the same time: the later one loses, as if it had come a second later.
 */
export function createAdapters(state: State, alreadyUsed: () => Error): (model: string) => Adapter {
  let writes = 0;
  return (model) => ({
    async upsert(id, payload, expiresIn) {
      writes += 1;
      if (writes % WRITES_PER_SWEEP === 1) state.deleteExpired(now());
      state.upsert(model, id, payload, expiresIn === undefined ? undefined : now() + expiresIn);
    },
    find: async (id) => state.find(model, id),
    findByUid: async (uid) => state.findByUid(model, uid),
    // Only the device flow asks for it, which this provider does not offer.
    findByUserCode: async () => undefined,
    async consume(id) {
      if (!state.consume(model, id, now())) throw alreadyUsed();
    },
    destroy: async (id) => state.destroy(model, id),
    revokeByGrantId: async (grantId) => state.revokeGrant(model, grantId),
  });
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
