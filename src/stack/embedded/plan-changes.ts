import type { PlanStep } from '../engine.ts';
import type { Running } from './control-protocol.ts';

/** What has to be done so that what runs becomes what the files want. Nothing runs: start everything. */
export function planChanges(wanted: Running, running: Running | undefined): PlanStep[] {
  if (!running) return [startStep(wanted)];
  if (running.version !== wanted.version) {
    const text = `restart everything: it runs mcpgw ${running.version}, this is ${wanted.version}`;
    return [{ kind: 'restart-engine', text }];
  }
  if (running.engine !== wanted.engine) {
    const text = `restart everything: it runs the ${running.engine} engine, the files want ${wanted.engine}`;
    return [{ kind: 'restart-engine', text }];
  }
  return [...serviceSteps(wanted, running), ...identitySteps(wanted, running), ...gatewaySteps(wanted, running)];
}

function startStep(wanted: Running): PlanStep {
  const names = ['gateway', ...(wanted.idp ? ['idp'] : []), ...wanted.services.map((service) => service.name)];
  return { kind: 'start-engine', text: `start ${names.join(', ')}` };
}

/** Services are ended first, so that one that takes over a port finds it free. */
function serviceSteps(wanted: Running, running: Running): PlanStep[] {
  const hashes = new Map(running.services.map((service) => [service.name, service.hash]));
  const names = wanted.services.map((service) => service.name);
  const gone = running.services.filter(({ name }) => !names.includes(name));
  return [
    ...gone.map(({ name }) => step('stop-service', name, 'it is not in the files')),
    ...wanted.services.flatMap(({ name, hash }) => {
      const now = hashes.get(name);
      if (now === undefined) return [step('start-service', name)];
      return now === hash ? [] : [step('restart-service', name, 'its settings changed')];
    }),
  ];
}

function identitySteps(wanted: Running, running: Running): PlanStep[] {
  if (wanted.idp !== running.idp) {
    if (wanted.idp === '') return [step('stop-service', 'idp', 'it is not in the files')];
    return running.idp === ''
      ? [step('start-service', 'idp')]
      : [step('restart-service', 'idp', 'its address or client changed')];
  }
  if (wanted.users === running.users) return [];
  return [{ kind: 'update-users', text: 'update the development users' }];
}

function gatewaySteps({ gateway: wanted }: Running, { gateway: running }: Running): PlanStep[] {
  if (wanted.listener !== running.listener) {
    return [step('restart-service', 'gateway', 'its address or secrets changed')];
  }
  if (wanted.configuration === running.configuration) return [];
  return [{ kind: 'reload-gateway', text: 'reload gateway: pomerium-config.yaml changed' }];
}

function step(kind: 'start-service' | 'restart-service' | 'stop-service', service: string, reason?: string): PlanStep {
  const verb = kind.slice(0, kind.indexOf('-'));
  return { kind, service, text: `${verb} ${service}${reason ? `: ${reason}` : ''}` };
}
