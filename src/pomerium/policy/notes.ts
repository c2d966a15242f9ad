import type { Criterion, PolicyInput } from '../model.ts';
import { claimValues } from './claims.ts';

const NO_SSH = 'only an SSH connection has this, never an HTTP request';

/** What Pomerium Core, as a gateway for HTTP without client certificates, never finds true, or never false. */
const NEVER: Readonly<Record<string, string>> = {
  client_certificate: 'no client certificate is asked for, so nobody presents one',
  device: 'nobody has registered a device',
  groups: 'Pomerium Core knows no directory; claim/groups looks at the identity provider’s claim',
  invalid_client_certificate: 'without downstream_mtls every request counts as having a valid one',
  reject: 'it never holds',
  ssh_ca: NO_SSH,
  ssh_publickey: NO_SSH,
  ssh_username: NO_SSH,
  ssh_username_matches_claim: NO_SSH,
  ssh_username_matches_email: NO_SSH,
};

/** Why a criterion cannot come out otherwise; undefined when it is the request alone that decides. */
export function noteOn({ name, subPath = '' }: Criterion, { session, mcp }: PolicyInput): string | undefined {
  if (name === 'claim' && session && claimValues(session, subPath).length === 0) return 'the user has no such claim';
  if (name === 'mcp_tool' && !mcp) return 'no call was read from this request';
  return Object.hasOwn(NEVER, name) ? NEVER[name] : undefined;
}
