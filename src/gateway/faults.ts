import { usage } from '../errors.ts';
import { IDENTITY_FAULTS } from './identity/faults.ts';

/**
 * Faults that the development gateway produces on demand, so that clients can be tried against them. Pomerium has no such thing.
 *
 * - `expired-token`: every External Token counts as expired, so that each MCP call ends in the 401 challenge.
 * - `503`: no upstream is reachable; answered as Envoy does when it has no healthy host.
 * - `dropped-stream`: a response breaks off after its first bytes, as when an upstream dies in the middle of an event stream.
 */
export const PROXY_FAULTS = ['expired-token', '503', 'dropped-stream'] as const;

/** Every fault there is; `slow-token` may carry milliseconds, as in `slow-token=200`. */
export const FAULTS = [...PROXY_FAULTS, ...IDENTITY_FAULTS] as const;

/** Throws for a fault that nobody would act on: a test must not pass because of a slip of the pen. */
export function checkFaults(names: readonly string[]): void {
  for (const name of names) {
    const [plain = '', value] = name.split('=');
    const known = FAULTS.some((fault) => fault === plain);
    const fits = value === undefined || (plain === 'slow-token' && /^\d+$/.test(value));
    if (known && fits) continue;
    const message = known
      ? `--fault: \`${name}\` has a value that means nothing`
      : `--fault: there is no fault \`${name}\``;
    throw usage(message, `one or more of ${FAULTS.join(', ')}, separated by commas`);
  }
}

export type ProxyFault = (typeof PROXY_FAULTS)[number];

/** Which faults are on, as plain fields: they are asked about for every request. */
export interface ActiveFaults {
  expiredToken: boolean;
  unavailable: boolean;
  droppedStream: boolean;
}

export function activeFaults(names: readonly string[]): ActiveFaults {
  const on = (fault: ProxyFault): boolean => names.includes(fault);
  return { expiredToken: on('expired-token'), unavailable: on('503'), droppedStream: on('dropped-stream') };
}
