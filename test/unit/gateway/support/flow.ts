import { expect } from 'vitest';
import { maskUrl } from './masks.ts';
import { readRecording, type Recording } from './recordings.ts';
import type { Changes } from './request-changes.ts';
import { isGatewayHost, type Stage } from './stage.ts';
import type { Visitor } from './visitor.ts';

/**
 * Plays a chain of recorded redirects: each request is the one that the last answer led to. What the providers answer is theirs; that
 * they are asked what was recorded is looked at. Where the chain ends.
 */
export async function playFlow(stage: Stage, visitor: Visitor, names: readonly string[]): Promise<string> {
  let next: string | undefined;
  // Which order its answer's parameters have is a provider's own business.
  let fromProvider = false;
  for (const name of names) {
    const recording = readRecording(name);
    if (next !== undefined && !reaches(next, recording)) {
      // Pages of the recorded provider between its first and its last redirect.
      if (!isGatewayHost(recording.host)) continue;
      throw new Error(`${name} asks ${recording.host}, but the last answer leads to ${next}`);
    }
    if (!isGatewayHost(recording.host)) {
      expect(parametersOf(next), name).toEqual(parametersOf(recording.target));
      next = await stage.hop(visitor, next ?? '');
      fromProvider = true;
      continue;
    }
    const own = ownTarget(recording, visitor);
    if (next !== undefined && fromProvider) expect(parametersOf(next), name).toEqual(parametersOf(recording.target));
    else if (next !== undefined) expect(maskUrl(pathOf(next)), name).toBe(maskUrl(own));
    fromProvider = false;
    const changes: Changes = { target: next === undefined ? own : pathOf(next) };
    next = (await stage.playAs(visitor, name, changes)).headers.get('location');
  }
  return next ?? '';
}

/** The recorded path as the visitor's client asks for it. */
function ownTarget({ target }: Recording, { clientId, challenge }: Visitor): string {
  return target.replace(/(?<=client_id=)[0-9a-f-]{36}/, clientId).replace(/(?<=code_challenge=)[\w-]{43}/, challenge);
}

function reaches(url: string, { host }: Recording): boolean {
  const is = new URL(url).host;
  if (isGatewayHost(host) || isGatewayHost(is)) return is === host;
  return host.startsWith('idp.') === /^127\.0\.0\.1:(?!18090)/.test(is);
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '');
}

function parametersOf(url: string | undefined): string[] {
  return [...new URL(url ?? '', 'http://x').searchParams.keys()].toSorted();
}
