import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, interrupted } from '../../errors.ts';
import type { ProgressEvent, PullPolicy } from '../engine.ts';
import { explainDockerText, imageNotFound, lastLines } from './cli-errors.ts';
import type { DockerApi, ImageInfo } from './docker-api.ts';
import { runDocker, type CliOptions } from './docker-cli.ts';
import { buildOwnImage, judgeOwnImage, OWN_IMAGE, type Bundle } from './image.ts';
import { countPull, type PullProgress } from './pull-progress.ts';

export interface EnsureOptions {
  api: DockerApi;
  cli: Omit<CliOptions, 'signal'>;
  policy: PullPolicy;
  signal: AbortSignal;
  report: (event: ProgressEvent) => void;
  /** Milliseconds before each further try after a rate limit. */
  pauses?: readonly number[];
}

const PART = 'images';
const PAUSES = [2_000, 6_000, 18_000];

/** Fetches what is missing side by side, then builds our own image where it is needed. */
export async function ensureImages(
  wanted: readonly string[],
  bundle: Bundle | undefined,
  options: EnsureOptions,
): Promise<void> {
  const { api, policy, report } = options;
  const own = bundle && judgeOwnImage(await api.image(OWN_IMAGE), bundle);
  const builds = own === 'missing' || own === 'outdated';
  const names = [...new Set([...wanted.filter((name) => name !== OWN_IMAGE), ...(builds ? [bundle?.base ?? ''] : [])])];
  const found = await Promise.all(names.map(async (name) => [name, await api.image(name)] as const));
  const missing = found.filter(([, image]) => !image).map(([name]) => name);
  if (policy === 'never' && missing.length > 0) throw notThere(missing);
  const fetched = policy === 'always' ? names : missing;
  if (fetched.length === 0 && !builds) return;
  report({ part: PART, state: 'working', text: '' });
  try {
    await pullAll(fetched, new Map(found), options);
    if (builds && bundle) await buildOwnImage(api, bundle, (text) => report({ part: PART, state: 'working', text }));
  } catch (error) {
    report({ part: PART, state: 'failed', text: 'not complete; what was downloaded is kept' });
    if (options.signal.aborted) throw interrupted('stopped by Ctrl+C while images were fetched; nothing was started');
    throw error;
  }
  report({
    part: PART,
    state: 'ready',
    text: [...fetched.map((name) => `pulled ${name}`), ...(builds ? [`built ${OWN_IMAGE}`] : [])].join(', '),
  });
}

async function pullAll(
  names: readonly string[],
  found: ReadonlyMap<string, ImageInfo | undefined>,
  options: EnsureOptions,
): Promise<void> {
  if (names.length === 0) return;
  const progress = countPull(names);
  // The first that fails ends the others: the engine keeps the layers that came.
  const abort = new AbortController();
  const signal = AbortSignal.any([options.signal, abort.signal]);
  const pulls = names.map(async (name) => {
    try {
      await pullWithRetries(name, progress, { ...options, signal });
      progress.done(name);
    } catch (error) {
      // An image that is there serves as well as a newer one that cannot be had, as on a train.
      if (!found.get(name) || !isUnreachable(error)) {
        abort.abort(error);
        throw error;
      }
      options.report({
        part: PART,
        state: 'working',
        text: `${name}: the registry cannot be reached; using what is here`,
      });
    }
  });
  await Promise.all(pulls).catch(async (error: unknown) => {
    await Promise.allSettled(pulls);
    throw abort.signal.aborted ? abort.signal.reason : error;
  });
}

async function pullWithRetries(name: string, progress: PullProgress, options: EnsureOptions): Promise<void> {
  const { signal, report, pauses = PAUSES } = options;
  for (const pause of [...pauses, undefined]) {
    try {
      return await pullOnce(name, progress, options);
    } catch (error) {
      const explained = signal.aborted ? error : explainPull(name, error);
      const isLimit = explained instanceof CliError && explained.code === 'REGISTRY_LIMIT';
      if (!isLimit || pause === undefined) throw explained;
      report({ part: PART, state: 'working', text: `${name}: rate limit; trying again in ${pause / 1000} s` });
      await sleep(pause, undefined, { signal });
    }
  }
}

async function pullOnce(
  name: string,
  progress: PullProgress,
  { api, cli, signal, report }: EnsureOptions,
): Promise<void> {
  try {
    await api.pull(
      name,
      (line) => {
        progress.take(name, line);
        report({ part: PART, state: 'working', text: progress.summary() });
      },
      signal,
    );
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    if (signal.aborted || !/denied|unauthorized|authentication required|toomanyrequests/i.test(text)) throw error;
    // The CLI has the user's credentials for the registry; the engine does not.
    const { code, stderr } = await runDocker(['pull', '--quiet', name], { ...cli, signal });
    if (code !== 0) throw new Error(stderr.trim() || text, { cause: error });
  }
}

function explainPull(name: string, error: unknown): unknown {
  if (error instanceof CliError || !(error instanceof Error)) return error;
  const known = explainDockerText(error.message);
  if (known?.code === 'IMAGE_NOT_FOUND') return imageNotFound(error.message, name);
  if (known) return known;
  return new CliError({
    code: 'PULL_FAILED',
    message: `the image ${name} could not be fetched`,
    why: lastLines(error.message),
    fix: `docker pull ${name}    # shows all of it; then mcpgw up`,
    cause: error,
  });
}

function isUnreachable(error: unknown): boolean {
  return error instanceof CliError && ['REGISTRY_UNREACHABLE', 'REGISTRY_LIMIT'].includes(error.code);
}

function notThere(names: readonly string[]): CliError {
  return new CliError({
    code: 'IMAGE_NOT_FOUND',
    message: `${names.length === 1 ? 'this image is' : 'these images are'} not on this machine: ${names.join(', ')}`,
    why: '--pull never',
    fix: `mcpgw up --pull missing, or without a network: docker load -i images.tar`,
    details: { images: names },
  });
}
