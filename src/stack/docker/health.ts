import type { ProgressEvent } from '../engine.ts';
import type { Container } from './container.ts';

export type Verdict =
  | { kind: 'ready'; text: string }
  | { kind: 'waiting'; text: string }
  /** No waiting mends it. */
  | { kind: 'failed'; text: string };

/** What a container says of itself, without any probe. `before`: restarts that it had when the wait began. */
export function judge(container: Container | undefined, before: number): Verdict {
  if (!container) return { kind: 'waiting', text: 'not created yet' };
  const { state, exitCode, restarts, outOfMemory, health, error, isLasting } = container;
  // Docker leaves a container that it could not start in the state `created`.
  if (error !== '') return { kind: 'failed', text: `could not be started: ${error}` };
  if (state === 'created') return { kind: 'waiting', text: 'waiting for what it depends on' };
  if (state === 'restarting' || restarts > before) return { kind: 'failed', text: ended(exitCode, outOfMemory) };
  if (state === 'exited' || state === 'dead') {
    if (exitCode !== 0) return { kind: 'failed', text: ended(exitCode, outOfMemory) };
    // Docker does not start again what a person has stopped.
    return isLasting ? { kind: 'failed', text: 'was stopped' } : { kind: 'ready', text: 'has done its work' };
  }
  if (state !== 'running') return { kind: 'waiting', text: state };
  if (health === 'unhealthy') return { kind: 'failed', text: 'runs, and its health check fails' };
  return health === 'starting' ? { kind: 'waiting', text: 'starting' } : { kind: 'ready', text: '' };
}

/** `128 + n` is how a shell tells signal n, and 137 what Docker shows after a kill. */
function ended(exitCode: number, outOfMemory: boolean): string {
  if (outOfMemory) return 'was ended: its memory limit is reached';
  return `ended with exit code ${exitCode}${exitCode > 128 ? ` (signal ${exitCode - 128})` : ''}`;
}

export interface Watch {
  services: readonly string[];
  /** All containers of the project, as they are now. */
  look(): Promise<Container[]>;
  /** What a service's container alone does not tell; undefined: nothing more. */
  probe(service: string, container: Container): Promise<Verdict | undefined>;
  /** Whether a container is to be replaced or started by work that goes on. */
  isPassing(container: Container): boolean;
  /** Restarts of each container when the wait began, by id. */
  before: ReadonlyMap<string, number>;
  /** Called between looks for each service that is still waited for; throws what no waiting mends. */
  suspect(service: string, container: Container): Promise<void>;
  report(event: ProgressEvent): void;
  signal: AbortSignal;
}

export interface Failure {
  service: string;
  container: Container;
  text: string;
}

const POLL_MS = 120;
/** A service that is not ready by then is worth a look into its log, and another one as often. */
const SUSPECT_MS = 1_500;

/** Waits until each service is ready; ends with the first that fails. Ready and failed ones are told as they come. */
export async function settle(watch: Watch): Promise<Failure | undefined> {
  const waiting = new Set(watch.services);
  for (const part of waiting) watch.report({ part, state: 'working', text: '' });
  let suspectAt = performance.now() + SUSPECT_MS;
  while (waiting.size > 0) {
    watch.signal.throwIfAborted();
    const containers = await watch.look();
    for (const service of waiting) {
      const container = containers.find((one) => one.service === service);
      const verdict = await verdictOf(service, container, watch);
      if (verdict.kind === 'failed' && container) {
        watch.report({ part: service, state: 'failed', text: verdict.text });
        return { service, container, text: verdict.text };
      }
      if (verdict.kind === 'ready') waiting.delete(service);
      const text = verdict.text || (container?.health ?? container?.state ?? '');
      watch.report({ part: service, state: verdict.kind === 'ready' ? 'ready' : 'working', text });
    }
    if (performance.now() > suspectAt) {
      await Promise.all(
        containers
          .filter((one) => waiting.has(one.service) && !watch.isPassing(one))
          .map(async (one) => watch.suspect(one.service, one)),
      );
      suspectAt = performance.now() + SUSPECT_MS;
    }
    if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}

async function verdictOf(service: string, container: Container | undefined, watch: Watch): Promise<Verdict> {
  if (container && watch.isPassing(container)) return { kind: 'waiting', text: 'is being replaced' };
  const verdict = judge(container, watch.before.get(container?.id ?? '') ?? 0);
  if (!container || container.state !== 'running') return verdict;
  // Docker's own health check comes late in both directions; a probe of ours beats it while it has not failed.
  return verdict.kind === 'failed' ? verdict : ((await watch.probe(service, container)) ?? verdict);
}
