import type { Session } from '../pomerium/model.ts';
import type { ClientResponse } from './client/client.ts';
import type { Inbound } from './inbound.ts';
import type { RoutePlan } from './route-plan.ts';
import type { Gateway } from './state.ts';

/** A request on its way through the checks of its route. */
export interface Passage {
  gateway: Gateway;
  inbound: Inbound;
  response: ClientResponse;
  plan: RoutePlan;
  session: Session | undefined;
}
