import type { Applied, ApplyOptions, ProgressEvent } from '../engine.ts';
import { lastMessages } from '../logs/last-messages.ts';
import type { ControlClient } from './control-client.ts';
import type { SettledResult } from './control-protocol.ts';
import { deadline } from '../deadline.ts';

export interface FollowOptions extends ApplyOptions {
  method: 'watch' | 'reload' | 'restart-service';
  service?: string;
  /** Folder of the log files. */
  logs: string;
}

/** Sends a request and reports each part until all have settled, the time is over, or Ctrl+C comes. */
export async function follow(client: ControlClient, options: FollowOptions): Promise<Applied> {
  const { method, service, report } = options;
  const limit = deadline(options);
  const waiting = new Map<string, string>();
  const progress = (event: ProgressEvent): void => {
    if (event.state === 'working') waiting.set(event.part, event.text);
    else waiting.delete(event.part);
    report(event);
  };
  try {
    const target = service === undefined ? {} : { service };
    const result = await client.request<SettledResult>(method, { progress, signal: limit.signal, ...target });
    return await judge(result, options.logs);
  } catch (error) {
    const parts = [...waiting].map(([part, text]) => (text ? `${part} (${text})` : part));
    throw limit.explain(error, parts);
  } finally {
    limit.end();
  }
}

async function judge({ services, steps = [] }: SettledResult, logs: string): Promise<Applied> {
  const ill = services.filter((service) => service.health !== 'healthy');
  if (ill.length === 0) return { kind: 'ready', steps };
  const told = ill.map(async ({ name, state, detail }) => ({
    name,
    detail: detail ?? state,
    lastLines: await lastMessages(logs, name),
  }));
  return { kind: 'unhealthy', steps, services: await Promise.all(told) };
}
