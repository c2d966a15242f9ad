import { clientsLog } from './clients.ts';
import { identity } from './identity.ts';
import { listening } from './listening.ts';
import type { LogGroup } from './pattern.ts';
import { reload } from './reload.ts';
import { startUp } from './start-up.ts';
import { storage } from './storage.ts';
import { upstream } from './upstream.ts';

/** Every group; what autocert says is looked through by the checks of issuance. */
export const LOG_GROUPS: readonly LogGroup[] = [startUp, reload, listening, storage, identity, upstream, clientsLog];
