import { CliError } from '../../errors.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import { whyIssueCertificate } from '../certificate.ts';
import { CONFIG_TARGET, rolesOf, type ComposeModel, type ComposeService, type Roles } from './compose-model.ts';
import type { Compose } from './compose.ts';
import type { Container } from './container.ts';
import type { DockerApi } from './docker-api.ts';
import { judgeOwnImage, OWN_IMAGE, readBundle, type Bundle } from './image.ts';
import { planChanges } from './plan-changes.ts';
import type { PlanStep } from '../engine.ts';
import { isReplaced } from './replaced-file.ts';
import { composeDigest } from './environment.ts';
import { digestOf, type DockerState } from './state-file.ts';

/** Everything that a start has to know, found out without touching anything. */
export interface Survey {
  model: ComposeModel;
  roles: Roles;
  containers: Container[];
  /** Our own files, where a service runs from the image that is built of them. */
  bundle: Bundle | undefined;
  isConfigReplaced: boolean;
  /** Whether there are volumes already; sessions and clients of an earlier project of this name are none of its own. */
  hasData: boolean;
  steps: PlanStep[];
}

export interface SurveyOptions {
  api: DockerApi;
  compose: Compose;
  project: Project;
  options: Options;
  env: Readonly<Record<string, string | undefined>>;
  state: DockerState | undefined;
  now: number;
}

export async function survey({ api, compose, project, options, env, state, now }: SurveyOptions): Promise<Survey> {
  // Read while Compose thinks: most projects run something of ours. What is wrong with it matters only if this one does.
  const bundled = readBundle({ ...env, ...project.secrets });
  bundled.catch(() => undefined);
  // An engine that is down is told by the first of these, and not by what Compose makes of it.
  const [, read] = await Promise.all([api.version(), modelOf({ compose, project, env, state })]);
  const model = { ...read, services: inOrder(read.services, project) };
  const names = [...new Set(model.services.map(({ image }) => image))];
  const [containers, volumes, found] = await Promise.all([
    api.containers({ project: model.name }),
    api.volumes(model.name),
    Promise.all(names.map(async (name) => [name, await api.image(name)] as const)),
  ]);
  assertOwn(model.name, project.folder, containers);
  const roles = rolesOf(model.services);
  const needsOwn = model.services.some(({ image }) => image === OWN_IMAGE);
  const bundle = needsOwn ? await bundled : undefined;
  const gateway = containers.find(({ service }) => service === roles.gateway);
  const source = gateway?.mounts.find(({ target }) => target === CONFIG_TARGET)?.source;
  const isConfigReplaced = gateway && source ? await isReplaced(gateway, source, CONFIG_TARGET) : false;
  const isLocal = project.settings.address === 'local';
  const steps = planChanges({
    model,
    containers,
    images: new Map(found.flatMap(([name, image]) => (image ? [[name, image.id]] : []))),
    own: new Map(bundle ? [[OWN_IMAGE, judgeOwnImage(found.find(([name]) => name === OWN_IMAGE)?.[1], bundle)]] : []),
    gateway: roles.gateway,
    isConfigReplaced,
    isConfigChanged: state !== undefined && state.config !== digestOf(project.configText),
    certificate: isLocal ? await whyIssueCertificate(project, options, now) : undefined,
  });
  return { model, roles, containers, bundle, isConfigReplaced, hasData: volumes.length > 0, steps };
}

/** Compose is asked only where what it reads has changed since the last `up`: it takes a tenth of a second to think. */
async function modelOf({
  compose,
  project,
  env,
  state,
}: Pick<SurveyOptions, 'compose' | 'project' | 'env' | 'state'>): Promise<ComposeModel> {
  const isSame = state?.model !== undefined && state.compose === (await composeDigest(project, env));
  return isSame && state.model ? state.model : compose.model();
}

/** Compose sorts by name; people know the order of the file. */
function inOrder(services: readonly ComposeService[], project: Project): ComposeService[] {
  const order = project.services.map(({ name }) => name);
  const place = ({ name }: ComposeService): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return services.toSorted((a, b) => place(a) - place(b));
}

/** Compose knows projects by name: two folders of one name would take each other's containers away. */
export function assertOwn(name: string, folder: string, containers: readonly Container[]): void {
  const other = containers.find((container) => container.folder !== '' && container.folder !== folder);
  if (!other) return;
  throw new CliError({
    code: 'PROJECT_NAME_TAKEN',
    message: `the Compose project \`${name}\` belongs to ${other.folder}`,
    why: 'Compose knows projects by name, so starting this one would take that one’s containers away',
    fix: `choose another \`name:\` at the top of docker-compose.yaml, or end that one: cd ${other.folder} && mcpgw down`,
  });
}
