import type { LogLine } from '../logs/log-line.ts';
import { PROBE_AGENT } from '../probe-agent.ts';

export interface SeenUser {
  email: string;
  /** ISO 8601; of the last request that was allowed. */
  seenAt: string;
}

const SIGN_OUT = '/.pomerium/sign_out';

/**
 * Who uses a gateway that keeps its sessions to itself: Pomerium encrypts them in its database, but its log names the user of each decision.
 * Our own probes are nobody's use, and who has signed out since is gone. The latest comes first; `since`: milliseconds since 1970, older
 * lines do not count.
 */
export function seenUsers(lines: readonly LogLine[], since: number): SeenUser[] {
  const probes = new Set(
    lines.flatMap(({ fields }) => (fields?.['user-agent'] === PROBE_AGENT ? [fields['request-id']] : [])),
  );
  const seen = new Map<string, string>();
  for (const { time, fields } of lines) {
    const email = fields?.['email'];
    if (fields?.['message'] !== 'authorize check' || typeof email !== 'string' || email === '') continue;
    if (probes.has(fields['request-id']) || Date.parse(time) < since) continue;
    if (fields['path'] === SIGN_OUT) seen.delete(email);
    else if (fields['allow'] === true) seen.set(email, time);
  }
  return [...seen].map(([email, seenAt]) => ({ email, seenAt })).sort((a, b) => b.seenAt.localeCompare(a.seenAt));
}
