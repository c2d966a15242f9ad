import type { PlanStep } from '../engine.ts';
import type { ComposeModel } from './compose-model.ts';
import type { Container } from './container.ts';

/** What was found out before a plan is made. */
export interface Situation {
  model: ComposeModel;
  containers: readonly Container[];
  /** Content of each image of the model that is on this machine, by name. */
  images: ReadonlyMap<string, string>;
  /** Images that are built here from this program's own files, and whether what is there is from another build. */
  own: ReadonlyMap<string, 'missing' | 'outdated' | 'current'>;
  gateway: string | undefined;
  /** The gateway's file under its mount is not the one in the folder any more. */
  isConfigReplaced: boolean;
  /** pomerium-config.yaml is another one than at the last `up`. */
  isConfigChanged: boolean;
  /** Why the certificate has to be issued; undefined: it is good. */
  certificate: string | undefined;
}

/** What has to be done so that the containers become what the files want. */
export function planChanges(situation: Situation): PlanStep[] {
  const { model, containers } = situation;
  const byService = new Map(containers.map((container) => [container.service, container]));
  const services = model.services.flatMap(({ name }) => serviceSteps(name, byService.get(name), situation));
  const isStart = !containers.some(({ state }) => state === 'running' || state === 'restarting');
  return [
    ...imageSteps(situation),
    ...(isStart
      ? [{ kind: 'start-engine', text: `start ${model.services.map(({ name }) => name).join(', ')}` } as const]
      : services),
    ...containers
      .filter(({ service }) => !model.services.some(({ name }) => name === service))
      .map(({ service }) => step('stop-service', service, 'it is not in the files')),
    ...(isStart ? [] : gatewaySteps(situation, services)),
  ];
}

function imageSteps({ model, images, own }: Situation): PlanStep[] {
  const names = [...new Set(model.services.filter(({ builds }) => !builds).map(({ image }) => image))];
  return names.flatMap((name): PlanStep[] => {
    const built = own.get(name);
    if (built === 'current' || (built === undefined && images.has(name))) return [];
    if (built === undefined) return [{ kind: 'fetch-image', text: `pull ${name}` }];
    return [
      { kind: 'fetch-image', text: `build ${name}${built === 'outdated' ? ': this mcpgw has other files' : ''}` },
    ];
  });
}

function serviceSteps(name: string, container: Container | undefined, situation: Situation): PlanStep[] {
  const wanted = situation.model.services.find((service) => service.name === name);
  if (!wanted) return [];
  if (!container) return [step('start-service', name)];
  if (container.configHash !== wanted.hash) return [step('restart-service', name, 'its settings changed')];
  const image = situation.images.get(wanted.image);
  const isOther = image !== undefined && image !== container.image.id;
  if (isOther || situation.own.get(wanted.image) === 'outdated')
    return [step('restart-service', name, 'its image changed')];
  if (container.state === 'running' || container.state === 'restarting') return [];
  return [step('start-service', name, `it has ended (exit code ${container.exitCode})`)];
}

/** Pomerium takes a changed file over by itself, and a changed certificate too. */
function gatewaySteps(
  { gateway = 'pomerium', isConfigReplaced, isConfigChanged, certificate }: Situation,
  others: readonly PlanStep[],
): PlanStep[] {
  const issue: PlanStep[] =
    certificate === undefined ? [] : [{ kind: 'reload-gateway', text: `issue the certificate: ${certificate}` }];
  // A container that starts anyway reads its file then.
  if (others.some(({ service }) => service === gateway)) return issue;
  if (isConfigReplaced)
    return [...issue, step('restart-service', gateway, 'an editor replaced pomerium-config.yaml under its mount')];
  if (!isConfigChanged) return issue;
  return [
    ...issue,
    { kind: 'reload-gateway', text: `reload ${gateway}: pomerium-config.yaml changed; it takes it over by itself` },
  ];
}

function step(kind: 'start-service' | 'restart-service' | 'stop-service', service: string, reason?: string): PlanStep {
  const verb = kind.slice(0, kind.indexOf('-'));
  return { kind, service, text: `${verb} ${service}${reason ? `: ${reason}` : ''}` };
}
