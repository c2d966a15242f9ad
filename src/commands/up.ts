import type { Ctx } from '../context.ts';
import type { CheckReport } from '../doctor/check.ts';
import { EXIT, usage, type ExitCode } from '../errors.ts';
import { changePort, loadProject, withLock, type Project } from '../project/index.ts';
import {
  assertStartable,
  exitOfStatus,
  openEngine,
  optionsOrThrow,
  requireProject,
  showProgress,
  type Applied,
  type Engine,
  type Plan,
  type ProgressEvent,
  type PullPolicy,
  type StackStatus,
} from '../stack/index.ts';
import { findCauses } from './up-findings.ts';
import { tellOfLint } from './up-lint.ts';
import { addMissingNames, missingNames, warnOfExposedPorts } from './up-compose.ts';

export interface UpOptions {
  port?: number;
  save?: boolean;
  /** Seconds. */
  timeout?: number;
  wait?: boolean;
  dryRun?: boolean;
  pull?: string;
}

export type UpResult =
  | { kind: 'planned'; steps: string[] }
  /** `--no-wait`. */
  | { kind: 'begun'; steps: string[] }
  | {
      kind: 'started' | 'changed' | 'unchanged';
      /** What was done, in words. */
      steps: string[];
      /** Services that are not well, with their last log lines. */
      unhealthy: { name: string; detail: string; lastLines: string[] }[];
      /** What doctor finds when something is not well. */
      causes: CheckReport[];
      status: StackStatus;
    };

const PULL_POLICIES: readonly PullPolicy[] = ['never', 'missing', 'always'];

/** Starts the project, or brings a running one up to date with its files. */
export async function run(ctx: Ctx, options: UpOptions): Promise<UpResult> {
  assertPortOptions(options);
  const pull = pullPolicy(options.pull);
  const folder = await requireProject(ctx.cwd);
  if (options.dryRun) return plan(ctx, folder, options);
  return withLock(folder, { what: 'mcpgw up', signal: ctx.signal }, async () => {
    if (options.port !== undefined) await movePort(ctx, folder, options.port);
    const project = await readConfiguration(ctx, folder);
    warnOfExposedPorts(ctx, project);
    await addMissingNames(ctx, project);
    const engine = await openEngine(folder, project.settings, ctx);
    return apply(ctx, engine, { ...options, pull });
  });
}

export { upScreen as screen } from '../ui/screens/up.ts';

export function exitOf(result: UpResult): ExitCode {
  if (!('status' in result)) return EXIT.done;
  // Every container may run well while no call goes through.
  return result.unhealthy.length > 0 ? EXIT.unhealthy : exitOfStatus(result.status);
}

/** The port is written into redirect URIs and clients' files, so it is never changed for one start alone. */
function assertPortOptions({ port, save }: UpOptions): void {
  if (port === undefined || save === true) return;
  throw usage(
    `--port ${port} needs --save: the port is part of the gateway’s identity and is stored in the project`,
    `mcpgw up --port ${port} --save`,
  );
}

function pullPolicy(word = 'missing'): PullPolicy {
  const known = PULL_POLICIES.find((policy) => policy === word);
  if (known) return known;
  throw usage(`--pull: \`${word}\` is not one of ${PULL_POLICIES.join(', ')}`, 'mcpgw up --pull missing');
}

async function plan(ctx: Ctx, folder: string, { port }: UpOptions): Promise<UpResult> {
  const project = await loadProject(folder, ctx.env);
  const engine = await openEngine(folder, project.settings, ctx);
  const { steps } = await engine.plan();
  const move =
    port !== undefined && port !== project.settings.port ? [`move from port ${project.settings.port} to ${port}`] : [];
  const names = missingNames(project).added.map((what) => `add to docker-compose.yaml: ${what}`);
  return { kind: 'planned', steps: [...move, ...names, ...steps.map((step) => step.text)] };
}

async function movePort(ctx: Ctx, folder: string, port: number): Promise<void> {
  const { from, to, lines } = await changePort(await loadProject(folder, ctx.env), port);
  if (lines.length === 0) return;
  const files = [...new Set(lines.map((line) => line.file))].join(', ');
  ctx.progress.step('port').done(`${from} → ${to}: ${lines.length} lines in ${files}`);
}

/** Nothing is touched when the files hold an error. */
async function readConfiguration(ctx: Ctx, folder: string): Promise<Project> {
  const step = ctx.progress.step('configuration');
  try {
    const project = await loadProject(folder, ctx.env);
    const parsed = optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml');
    assertStartable(project, parsed);
    const { routes } = parsed;
    const users = Object.keys(project.settings.users).length;
    step.done([count(routes.length, 'route'), ...(users > 0 ? [count(users, 'development user')] : [])].join(', '));
    for (const { message, position } of project.parsed.problems) {
      ctx.note(`! pomerium-config.yaml${position ? `:${position.line}:${position.column}` : ''}: ${message}`);
    }
    tellOfLint(ctx, project);
    return project;
  } catch (error) {
    step.fail('cannot be used; nothing was changed');
    throw error;
  }
}

async function apply(ctx: Ctx, engine: Engine, options: UpOptions & { pull: PullPolicy }): Promise<UpResult> {
  const plan = await engine.plan();
  for (const warning of plan.warnings) ctx.note(`! ${warning}`);
  const isStart = plan.steps.some(({ kind }) => kind === 'start-engine' || kind === 'restart-engine');
  const view = showProgress(ctx.progress);
  const applied = await engine
    .apply(plan, {
      timeout: options.timeout === undefined ? engine.patience : options.timeout * 1000,
      pull: options.pull,
      wait: options.wait !== false,
      signal: ctx.signal,
      report: (event) => {
        // What goes on as before has nothing to tell, unless it is not well.
        if (isStart || concerns(plan, event)) view.report(event);
      },
    })
    .catch((error: unknown) => {
      view.abandon('not ready');
      throw error;
    });
  const planned = plan.steps.map((step) => step.text);
  if (applied.kind === 'begun') return { kind: 'begun', steps: planned };
  const steps = isStart ? planned : applied.steps.map((step) => step.text);
  const kind = isStart ? 'started' : steps.length > 0 ? 'changed' : 'unchanged';
  const unhealthy = unhealthyOf(applied);
  const causes = unhealthy.length > 0 ? await findCauses(ctx) : [];
  return { kind, steps, unhealthy, causes, status: await engine.status() };
}

function concerns({ steps }: Plan, { part, state }: ProgressEvent): boolean {
  return (
    state === 'failed' ||
    state === 'warning' ||
    (steps.length > 0 && (part === 'images' || part === 'calls')) ||
    steps.some(
      ({ kind, service }) =>
        service === part || (kind === 'reload-gateway' && (part === 'gateway' || part === 'calls')),
    )
  );
}

function unhealthyOf(applied: Applied): { name: string; detail: string; lastLines: string[] }[] {
  return applied.kind === 'unhealthy' ? applied.services : [];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
