import type { Stopped } from '../engine.ts';
import { endGroup, identify, waitForExit, type ProcessIdentity } from '../process-identity.ts';
import { connectToEngine, type ControlClient } from './control-client.ts';
import type { StatusResult, StopResult } from './control-protocol.ts';
import { cleanUpAfter, findEngine, removeTraces, type EngineState } from './engine-file.ts';

/** Milliseconds within which a healthy engine answers a question about itself. */
export const ANSWER = 6_000;
/** Milliseconds for calls in flight to finish and the process to go. */
const STOP = 15_000;
/** Milliseconds between SIGTERM and SIGKILL for an engine that does not answer. */
const GRACE = 2_000;

/** Ends a project's engine with everything it runs, asked kindly first; removes what a dead one left. */
export async function stopEngine(state: string): Promise<Stopped> {
  const found = await findEngine(state);
  if (found.kind === 'none') return { stopped: [], cleaned: false };
  if (found.kind === 'stale') return { stopped: await cleanUpAfter(state, found.record), cleaned: true };
  const client = await connectToEngine(found.socket);
  const identity = await identityOf(found, client);
  const answer = await client
    ?.request<StopResult>('stop', { signal: AbortSignal.timeout(ANSWER) })
    .catch(() => undefined);
  client?.close();
  const isGone = identity === undefined || (answer !== undefined && (await waitForExit(identity, STOP)));
  if (!isGone) await endGroup(identity, GRACE);
  // An engine that had to be killed could not end its servers.
  if (found.record) await cleanUpAfter(state, found.record);
  await removeTraces(state, found.socket);
  return { stopped: answer?.stopping ?? ['gateway'], cleaned: false };
}

/** From engine.json, or from the engine itself where that file is gone. */
async function identityOf(
  { record }: Extract<EngineState, { kind: 'running' }>,
  client: ControlClient | undefined,
): Promise<ProcessIdentity | undefined> {
  if (record) return record;
  const signal = AbortSignal.timeout(ANSWER);
  const status = await client?.request<StatusResult>('status', { signal }).catch(() => undefined);
  return status?.status.pid === undefined ? undefined : identify(status.status.pid);
}
