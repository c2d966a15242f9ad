import { access, mkdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import type { Options } from '../pomerium/model.ts';
import {
  diffTexts,
  loadProject,
  parseEnvFile,
  readConfig,
  readTemplates,
  readTexts,
  textChanges,
  withLock,
  writeTogether,
  type Project,
  type ProjectTexts,
} from '../project/index.ts';
import { describeAllow, SAMPLE_DATABASE } from '../scaffold/index.ts';
import { shellWord } from '../shell-word.ts';
import { optionsOrThrow, requireProject } from '../stack/index.ts';
import { askForRoute, type AddAnswers } from './add-answers.ts';
import { assertFree, isThere } from './add-checks.ts';
import { callbackOf, consoleOf } from './add-names.ts';
import { notesOf, warningsOf } from './add-notes.ts';
import { planAddition, type Addition } from './add-plan.ts';
import { addToTexts } from './add-texts.ts';

export interface AddOptions {
  /** A preset, a URL or `app`. */
  what?: string;
  name?: string;
  host?: string;
  description?: string;
  to?: string;
  hosted?: boolean;
  run?: string;
  folder?: string;
  image?: string;
  port?: number;
  path?: string;
  clientId?: string;
  secretStdin?: boolean;
  scopes?: string[];
  allow?: string;
  dryRun?: boolean;
}

export interface AddResult {
  /** `planned`: --dry-run. `unchanged`: all of it was there. */
  kind: 'added' | 'planned' | 'unchanged';
  route: { name: string; url: string; to: string; kind: 'server' | 'client'; who: string };
  /** A service that was added for it. */
  service?: string;
  /** What has to be registered at the provider, and where. */
  register?: { callback: string; console?: string };
  files: { path: string; diff: string }[];
  warnings: string[];
  notes: string[];
}

/** Adds a route with everything that it needs; nothing is written when any part of it cannot be. */
export async function run(ctx: Ctx, given: AddOptions): Promise<AddResult> {
  const folder = await requireProject(ctx.cwd);
  const options = { ...given, ...(await commandFolder(ctx, given, folder)) };
  const { project, gateway } = await readGateway(ctx, folder);
  const answers = await askForRoute(ctx, options, project, gateway);
  if (options.dryRun) return (await plan(ctx, folder, options, answers)).result;
  // Read anew within the lock: while somebody answered, another run may have added a route.
  return withLock(folder, { what: 'mcpgw add', signal: ctx.signal }, async () => {
    const { result, before, texts, addition } = await plan(ctx, folder, options, answers);
    if (result.files.length > 0) {
      if (addition.server === 'sqlite') await provideDatabase(folder);
      await writeTogether(textChanges(folder, before, texts));
    }
    return result;
  });
}

async function readGateway(ctx: Ctx, folder: string): Promise<{ project: Project; gateway: Options }> {
  const project = await loadProject(folder, ctx.env);
  return { project, gateway: optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml') };
}

interface AddPlan {
  result: AddResult;
  before: ProjectTexts;
  texts: ProjectTexts;
  addition: Addition;
}

async function plan(ctx: Ctx, folder: string, options: AddOptions, answers: AddAnswers): Promise<AddPlan> {
  const { project, gateway } = await readGateway(ctx, folder);
  const addition = planAddition(answers, options, project, await readTemplates());
  const before = await readTexts(folder);
  const hasRoute = isThere(answers, addition, project, gateway, before);
  if (!hasRoute) assertFree(answers, addition, project);
  const { texts, notes } = addToTexts(before, addition, answers, project, gateway, hasRoute);
  await assertStartable(texts, project);
  const files = diffTexts(before, texts);
  const result: AddResult = {
    kind: options.dryRun ? 'planned' : files.length === 0 ? 'unchanged' : 'added',
    ...describe(answers, addition),
    files,
    warnings: warningsOf(answers, project),
    notes: [...notes, ...notesOf(answers, addition, project)],
  };
  return { result, before, texts, addition };
}

export { addScreen as screen } from '../ui/screens/add.ts';

/** As it is written into the project: relative to it. */
async function commandFolder(ctx: Ctx, { folder }: AddOptions, project: string): Promise<{ folder?: string }> {
  if (folder === undefined) return {};
  const path = resolve(ctx.cwd, folder);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw usage(`--folder: ${path} is no folder`, `mkdir -p ${shellWord(folder)}, or name another one`);
  return { folder: relative(project, path) || '.' };
}

function describe(
  answers: AddAnswers,
  { route, service }: Addition,
): Pick<AddResult, 'route' | 'service' | 'register'> {
  const { name, from: url, to, kind, allow } = route;
  const console = consoleOf(answers.source.kind === 'preset' ? answers.source.preset : undefined);
  return {
    route: { name, url, to, kind, who: describeAllow(allow) },
    ...(service ? { service: service.name } : {}),
    ...(answers.client ? { register: { callback: callbackOf(url), ...(console ? { console } : {}) } } : {}),
  };
}

/** What is written has to start: an upstream or a scope may be one that Pomerium refuses. */
async function assertStartable(texts: ProjectTexts, { paths, settings }: Project): Promise<void> {
  const parsed = await readConfig(texts.config, paths, parseEnvFile(texts.env), settings.engine);
  optionsOrThrow(parsed, texts.config, 'pomerium-config.yaml');
}

async function provideDatabase(folder: string): Promise<void> {
  const file = join(folder, SAMPLE_DATABASE);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) return;
  const { createSampleDatabase } = await import('../servers/sample-database.ts');
  await mkdir(join(folder, 'data'), { recursive: true });
  await createSampleDatabase(file);
}
