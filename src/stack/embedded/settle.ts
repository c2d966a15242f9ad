import type { ProgressEvent, ServiceStatus } from '../engine.ts';
import type { ServicePart } from './part.ts';

const POLL_MS = 30;
/** A server that went down so often while it was waited for will not come up by waiting. */
const GIVE_UP_AFTER = 1;

/** Waits until each part is healthy, or until it is clear that waiting will not help; tells each outcome. */
export async function settle(
  parts: readonly ServicePart[],
  report: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<ServiceStatus[]> {
  return Promise.all(
    parts.map(async (part) => {
      report({ part: part.name, state: 'working', text: '' });
      const status = await waitUntilSettled(part, report, signal);
      const isHealthy = status.health === 'healthy';
      const text = isHealthy ? part.summary() : `${status.state}: ${status.detail ?? 'it does not answer'}`;
      report({ part: part.name, state: isHealthy ? 'ready' : 'failed', text });
      return status;
    }),
  );
}

async function waitUntilSettled(
  part: ServicePart,
  report: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<ServiceStatus> {
  let told: string | undefined;
  for (;;) {
    const status = await part.status();
    const isDown = status.state === 'failed' || status.state === 'stopped';
    const isCrashing = status.state === 'crashed' && status.restarts >= GIVE_UP_AFTER;
    if (status.health === 'healthy' || isDown || isCrashing || signal.aborted) return status;
    if (status.detail !== undefined && status.detail !== told) {
      told = status.detail;
      report({ part: part.name, state: 'working', text: status.detail });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
