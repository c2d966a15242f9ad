import type { Session } from '../../pomerium/model.ts';
import type { Reply } from '../exchange.ts';
import { renderPage } from '../page.ts';
import { json } from './answers.ts';
import type { Gate } from './gate.ts';

/** /.pomerium/user: the claims of the assertion as JSON. */
export function userClaims(gate: Gate, session: Session): Reply {
  const groups = session.claims['groups'];
  const claims: Record<string, unknown> = {
    ...configuredClaims(gate, session),
    email: session.email,
    groups: Array.isArray(groups) ? groups : [],
    name: session.name,
    sid: session.id,
    sub: session.userId,
    user: session.userId,
  };
  const sorted = Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1));
  return json(200, Object.fromEntries(sorted), { newline: false });
}

/** The claims that `jwt_claims_headers` names travel in the assertion too. */
function configuredClaims(gate: Gate, session: Session): Record<string, unknown> {
  const names = Object.values(gate.options().jwt_claims_headers).filter((name) => name in session.claims);
  return Object.fromEntries(names.map((name) => [name, session.claims[name]]));
}

/** /.pomerium/: who is signed in, or that nobody is. */
export function userPage(gate: Gate, session: Session | undefined): Reply {
  const who = session && (session.email || session.userId);
  const body = renderPage({
    page: 'UserInfo',
    description: who ? `Signed in as ${who}.` : 'Nobody is signed in.',
    isEnterprise: false,
    isImpersonated: false,
    profile: null,
    runtimeFlags: { mcp: true, routes_portal: true, ...gate.options().runtime_flags },
    session: session ? describeSession(session) : null,
    user: session ? { id: session.userId, email: session.email, name: session.name, claims: session.claims } : null,
    webAuthnCreationOptions: null,
    webAuthnRequestOptions: null,
  });
  const headers: Reply['headers'] = [
    ['Cache-Control', 'no-cache, must-revalidate'],
    ['Content-Type', 'text/html; charset=utf-8'],
  ];
  return { status: 200, headers, body };
}

function describeSession({ id, userId, issuedAt, expiresAt }: Session): Record<string, string> {
  return { id, userId, issuedAt: new Date(issuedAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() };
}
