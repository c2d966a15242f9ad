import { GatewayService, type GatewayServiceOptions } from './gateway-service.ts';
import type { GatewayPart } from './part.ts';
import { backgroundEngine } from './wanted.ts';

/** The gateway that a project's engine stands for: ours inside this process, or the user's own Pomerium beside it. */
export async function createGateway(options: GatewayServiceOptions): Promise<GatewayPart> {
  if (backgroundEngine(options.project.settings) === 'embedded') return new GatewayService(options);
  return new (await import('../native/pomerium-gateway.ts')).PomeriumGateway(options);
}
