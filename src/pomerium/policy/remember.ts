import type { Decision, PolicyInput, Session } from '../model.ts';

/** Decisions kept for one user; a client calls a handful of tools again and again. */
const KEPT = 64;
/** Characters; longer values are nothing that comes back. */
const LONGEST = 256;

/** What of a request a criterion can look at, beside who is signed in. */
export type Reads = 'tool' | 'method' | 'path' | 'ip' | 'preflight';

/**
 * The same decisions, made once for each user and each set of values that the policy looks at: `reads` names them. A policy is a
 * function of its input, so nothing can go stale; a session whose claims change is another session.
 */
export function remember(
  evaluate: (input: PolicyInput) => Decision,
  reads: ReadonlySet<string>,
): (input: PolicyInput) => Decision {
  // Headers are worked out by those that ask for them, and a preflight comes once in a while.
  if (reads.has('preflight')) return evaluate;
  const keyOf = keyFor(reads);
  const users = new WeakMap<Session, Map<string, Decision>>();
  const anonymous = new Map<string, Decision>();
  const keptFor = (session: Session): Map<string, Decision> => {
    let known = users.get(session);
    if (known === undefined) users.set(session, (known = new Map()));
    return known;
  };
  return (input) => {
    const key = keyOf(input);
    if (key.length > LONGEST) return evaluate(input);
    const { session } = input;
    const known = session === undefined ? anonymous : keptFor(session);
    let decision = known.get(key);
    if (decision === undefined) {
      decision = evaluate(input);
      if (known.size >= KEPT) known.clear();
      known.set(key, decision);
    }
    return decision;
  };
}

/** One text for one set of values: each stands behind its length, so that no value can pass for two others. */
function keyFor(reads: ReadonlySet<string>): (input: PolicyInput) => string {
  const hasTool = reads.has('tool');
  const hasMethod = reads.has('method');
  const hasPath = reads.has('path');
  const hasIp = reads.has('ip');
  return ({ http, mcp }) => {
    let key = hasTool ? toolKey(mcp) : '';
    if (hasMethod) key += sized(http.method);
    if (hasPath) key += sized(http.path);
    if (hasIp) key += sized(http.ip ?? '');
    return key;
  };
}

/** No call, a call without a name, or a call. */
function toolKey(mcp: PolicyInput['mcp']): string {
  if (mcp?.method !== 'tools/call') return '-';
  return mcp.tool === undefined ? '?' : sized(mcp.tool);
}

function sized(value: string): string {
  return `${value.length}:${value}`;
}
