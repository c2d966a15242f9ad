import { openStore } from '../../../src/gateway/identity/open-store.ts';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import type { Options } from '../../../src/pomerium/model.ts';
import { testOptions } from '../gateway-identity/options.ts';

/** As a gateway with these options opens it; closing it is the caller's. */
export function storeOf(changes: Partial<Options>, log: LogEntry[] = []): StateStore {
  return openStore({
    options: () => testOptions(changes),
    table: () => ({ routes: [], match: () => undefined, knowsHost: () => true, serverRouteOf: () => undefined }),
    resolve: () => undefined,
    ca: [],
    log: (entry) => void log.push(entry),
    allowPrivateMetadataHosts: false,
    faults: [],
  });
}
