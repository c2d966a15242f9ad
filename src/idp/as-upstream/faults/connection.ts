import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Strike } from './fault.ts';

/** Networks and servers in trouble, at the token endpoint. */
export const CONNECTION_FAULTS = {
  slow: {
    summary: 'the token endpoint waits 5000 ms before it answers; slow=200: so many',
    symptom: 'the callback and the calls that refresh take so long, and then succeed',
    fix: 'nothing to do at the gateway; see whether the provider is in trouble',
    value: { default: 5000, unit: 'ms' },
    places: ['code', 'refresh'],
    instead: async ({ value, signal }) => {
      await sleep(value, undefined, { signal }).catch(() => undefined);
      return signal.aborted ? 'close' : undefined;
    },
  },
  hanging: {
    summary: 'the token endpoint takes the request and never answers',
    symptom:
      'the callback ends in 502 `Token exchange failed`, a call that refreshes in 502, after the gateway’s own wait',
    fix: 'try again later; see whether something between the gateway and the provider drops packets',
    places: ['code', 'refresh'],
    instead: untilGone,
  },
  'closed-connection': {
    summary: 'the token endpoint closes the connection without an answer',
    symptom: 'the callback answers 502 `Token exchange failed`, a call that refreshes 502 without a body',
    fix: 'curl -v with token_url, from the gateway’s machine: a firewall or a wrong scheme does that too',
    places: ['code', 'refresh'],
    instead: () => 'close',
  },
} satisfies Record<string, Fault>;

function untilGone({ signal }: Strike): Promise<'close'> {
  const { promise, resolve } = Promise.withResolvers<'close'>();
  if (signal.aborted) resolve('close');
  signal.addEventListener('abort', () => resolve('close'), { once: true });
  return promise;
}
