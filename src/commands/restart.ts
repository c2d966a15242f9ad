import type { Ctx } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { loadProject, withLock } from '../project/index.ts';
import {
  assertStartable,
  exitOfStatus,
  openEngine,
  optionsOrThrow,
  requireProject,
  showProgress,
  type ApplyOptions,
  type StackStatus,
} from '../stack/index.ts';

export interface RestartOptions {
  service?: string;
  /** Seconds. */
  timeout?: number;
}

export interface RestartResult {
  /** What was restarted. */
  restarted: string[];
  unhealthy: { name: string; detail: string; lastLines: string[] }[];
  status: StackStatus;
}

/** Stops and starts everything, or one service of a running project. */
export async function run(ctx: Ctx, options: RestartOptions): Promise<RestartResult> {
  const folder = await requireProject(ctx.cwd);
  return withLock(folder, { what: 'mcpgw restart', signal: ctx.signal }, async () => {
    const project = await loadProject(folder, ctx.env);
    // A project that could not be started again is better left running.
    assertStartable(project, optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml'));
    const engine = await openEngine(folder, project.settings, ctx);
    const view = showProgress(ctx.progress);
    const apply: ApplyOptions = {
      timeout: options.timeout === undefined ? engine.patience : options.timeout * 1000,
      wait: true,
      signal: ctx.signal,
      report: (event) => {
        if (options.service === undefined || event.part === options.service || event.state === 'failed')
          view.report(event);
      },
    };
    const restart = async (): ReturnType<typeof engine.apply> => {
      if (options.service !== undefined) return engine.restartService(options.service, apply);
      await engine.stop();
      return engine.apply(await engine.plan(), apply);
    };
    const applied = await restart().catch((error: unknown) => {
      view.abandon('not ready');
      throw error;
    });
    const status = await engine.status();
    return {
      restarted: options.service === undefined ? status.services.map((service) => service.name) : [options.service],
      unhealthy: applied.kind === 'unhealthy' ? applied.services : [],
      status,
    };
  });
}

export { restartScreen as screen } from '../ui/screens/restart.ts';

export function exitOf({ status, unhealthy }: RestartResult): ExitCode {
  return unhealthy.length > 0 ? EXIT.unhealthy : exitOfStatus(status);
}
