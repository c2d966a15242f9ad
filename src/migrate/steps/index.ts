import type { Step } from '../step.ts';
import { allowedGroups } from './allowed-groups.ts';
import { authStyle } from './auth-style.ts';
import { clientCa } from './client-ca.ts';
import { clientRoute } from './client-route.ts';
import { removedKeys } from './removed-keys.ts';
import { routesList } from './routes-list.ts';
import { serverRoute } from './server-route.ts';
import { setAuthorizationHeader } from './set-authorization-header.ts';
import { strayServerKey } from './stray-server-key.ts';

/** In this order: a client must be told from a server before what is left becomes a server. */
export const STEPS: readonly Step[] = [
  routesList,
  clientRoute,
  serverRoute,
  strayServerKey,
  authStyle,
  allowedGroups,
  setAuthorizationHeader,
  clientCa,
  removedKeys,
];
