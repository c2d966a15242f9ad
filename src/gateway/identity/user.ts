import type { Session } from '../../pomerium/model.ts';
import { assertedClaims } from '../asserted-claims.ts';
import type { Reply } from '../exchange.ts';
import { pageReply } from '../page.ts';
import { userInfo, whoIsSignedIn } from '../user-info.ts';
import { json } from './answers.ts';
import type { Gate } from './gate.ts';

/** /.pomerium/user: what the assertion says of the user, as JSON. */
export function userClaims(gate: Gate, session: Session): Reply {
  const claims = assertedClaims(session, Object.values(gate.options().jwt_claims_headers));
  const sorted = Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1));
  return json(200, Object.fromEntries(sorted), { newline: false });
}

/** /.pomerium/: who is signed in, or that nobody is. */
export function userPage(gate: Gate, session: Session | undefined): Reply {
  const data = { page: 'UserInfo', description: whoIsSignedIn(session), ...userInfo(gate.options(), session) };
  if (!session) return pageReply(data);
  return pageReply(data, [
    { href: '/.pomerium/routes', text: 'Routes' },
    { href: '/.pomerium/sign_out', text: 'Sign out' },
  ]);
}
