import type { Check } from '../check.ts';
import { aliases } from './checks/aliases.ts';
import { caa } from './checks/caa.ts';
import { dryRunCheck } from './checks/dry-run.ts';
import { hostsAgree } from './checks/hosts-agree.ts';
import { issuableNames } from './checks/issuable-names.ts';
import { leadsHere } from './checks/leads-here.ts';
import { loggedFailures } from './checks/logged-failures.ts';
import { portHolders } from './checks/port-holders.ts';
import { proxied } from './checks/proxied.ts';
import { publicAddresses } from './checks/public-addresses.ts';
import { rateLimits } from './checks/rate-limits.ts';
import { renewalDue } from './checks/renewal-due.ts';
import { renewalLog } from './checks/renewal-log.ts';
import { resolves } from './checks/resolves.ts';
import { servedOrStored } from './checks/served-or-stored.ts';
import { staleIpv6 } from './checks/stale-ipv6.ts';
import { store } from './checks/store.ts';
import { trustedIssuer } from './checks/trusted-issuer.ts';
import { worldDoors, type Doors } from './doors.ts';
import type { MakeCheck } from './issuance-check.ts';
import { createViews } from './view.ts';

export type { AcmeOptions } from './acme-options.ts';

const MAKE: readonly MakeCheck[] = [
  resolves,
  aliases,
  publicAddresses,
  proxied,
  leadsHere,
  staleIpv6,
  hostsAgree,
  caa,
  portHolders,
  issuableNames,
  store,
  loggedFailures,
  rateLimits,
  renewalLog,
  servedOrStored,
  trustedIssuer,
  renewalDue,
  dryRunCheck,
];

/** Names in DNS, port 443 and the issuance of certificates, in the order of the screen. */
export function createIssuanceChecks(doors: Doors): Check[] {
  const viewOf = createViews(doors);
  return MAKE.map((make) => make(doors, viewOf));
}

export const ISSUANCE_CHECKS: readonly Check[] = createIssuanceChecks(worldDoors());
