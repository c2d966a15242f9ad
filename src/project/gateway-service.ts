import { isRecord } from '../json.ts';

/** Where Pomerium's image expects its configuration. */
export const CONFIG_TARGET = '/pomerium/config.yaml';

const IMAGE = /(^|[/}-])pomerium\/pomerium([:@}]|$)/;
const USUAL_NAME = 'pomerium';

/** The services of a compose file that run Pomerium, by their image or by what they mount, and only then by their name. */
export function gatewayServices(data: unknown): string[] {
  const services = isRecord(data) && isRecord(data['services']) ? Object.entries(data['services']) : [];
  const found = services.filter(([, service]) => runsPomerium(service)).map(([name]) => name);
  if (found.length > 0) return found;
  return services.some(([name]) => name === USUAL_NAME) ? [USUAL_NAME] : [];
}

/** The one that a project has; its usual name where the file shows none. */
export function gatewayServiceOf(data: unknown): string {
  const found = gatewayServices(data);
  return found.includes(USUAL_NAME) ? USUAL_NAME : (found[0] ?? USUAL_NAME);
}

function runsPomerium(service: unknown): boolean {
  if (!isRecord(service)) return false;
  const { image, volumes } = service;
  if (typeof image === 'string' && IMAGE.test(image)) return true;
  return Array.isArray(volumes) && volumes.some(mountsConfig);
}

function mountsConfig(volume: unknown): boolean {
  if (isRecord(volume)) return volume['target'] === CONFIG_TARGET;
  return typeof volume === 'string' && new RegExp(`:${CONFIG_TARGET}(:[a-z,]*)?$`, 'i').test(volume);
}
