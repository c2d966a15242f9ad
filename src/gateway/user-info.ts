import type { Options, Session } from '../pomerium/model.ts';

/** What the user page and the routes portal tell their script about who is signed in: Pomerium v0.33.1 internal/handlers/userinfo.go. */
export function userInfo(options: Options, session: Session | undefined): Record<string, unknown> {
  const { mcp = true, routes_portal = true } = options.runtime_flags;
  return {
    isEnterprise: false,
    isImpersonated: false,
    profile: null,
    runtimeFlags: { mcp, routes_portal },
    session: session ? describeSession(session) : null,
    user: session ? { id: session.userId, email: session.email, name: session.name, claims: session.claims } : null,
    webAuthnCreationOptions: null,
    webAuthnRequestOptions: null,
  };
}

/** The line for somebody who reads the page. */
export function whoIsSignedIn(session: Session | undefined): string {
  return session ? `Signed in as ${session.email || session.userId}.` : 'Nobody is signed in.';
}

function describeSession({ id, userId, issuedAt, expiresAt }: Session): Record<string, string> {
  return { id, userId, issuedAt: new Date(issuedAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() };
}
