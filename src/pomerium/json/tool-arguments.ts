import { foldName } from './peek.ts';
import { readString, skipSpaces, visitMembers } from './scan.ts';

/**
 * `params.arguments` of a tools/call, for the log; the body must be one that `peekJsonRpc` has read. Undefined when there are none or they
 * are null. What follows the first JSON value is not looked at.
 */
export function toolArguments(body: Buffer): unknown {
  const params = memberOf(body, skipSpaces(body, 0), (name) => name === 'params');
  const found = params && memberOf(body, params.at, (name) => foldName(name) === 'arguments');
  if (!found) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8', found.at, found.end));
    // What is nested too deep to be written again must not stop the log.
    JSON.stringify(value);
    return value ?? undefined;
  } catch {
    return undefined;
  }
}

/** Where the last member of that name stands. */
function memberOf(
  json: Buffer,
  object: number,
  isWanted: (name: string) => boolean,
): { at: number; end: number } | undefined {
  let found: { at: number; end: number } | undefined;
  visitMembers(json, object, (key, keyEnd, at, end) => {
    if (isWanted(readString(json, key, keyEnd))) found = { at, end };
    return true;
  });
  return found;
}
