import { clients } from './clients.ts';
import type { Fault } from './fault.ts';
import { issuance } from './issuance.ts';
import { ports } from './ports.ts';
import { requests } from './requests.ts';
import { routes } from './routes.ts';
import { signIn } from './sign-in.ts';
import { startUp } from './start-up.ts';
import { stores } from './stores.ts';
import { upstreamSignIn } from './upstream-sign-in.ts';
import { upstreams } from './upstreams.ts';

/** Every known fault, by its number. */
export const FAULTS: readonly Fault[] = [
  ...startUp,
  ...routes,
  ...ports,
  ...issuance,
  ...signIn,
  ...clients,
  ...upstreams,
  ...upstreamSignIn,
  ...requests,
  ...stores,
].toSorted((a, b) => a.number - b.number);
