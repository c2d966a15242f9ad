import type { Session } from '../../pomerium/model.ts';
import type { Exchange, Reply } from '../exchange.ts';
import { errorReply } from '../replies.ts';
import { redirect } from '../identity/answers.ts';
import type { Client } from '../identity/client-table.ts';
import { proceed, type CodeRequest } from '../identity/code-grant.ts';
import { readCookie } from '../identity/cookies.ts';
import type { Gate } from '../identity/gate.ts';
import { withParameters } from '../identity/redirect-uri.ts';
import { seal, unseal } from '../identity/seal.ts';
import type { PendingUpstream } from '../upstream-oauth/pending.ts';
import { consentPage } from './consent-page.ts';
import type { Consent } from './consent-table.ts';
import { withoutLoopbackPort } from './redirect-rules.ts';

export const CONSENT_PATH = '/.pomerium/mcp/consent';
/** Milliseconds: how long a page may be looked at, and how long a decision counts. */
const PAGE_LIFE = 600_000;
const CONSENT_LIFE = 90 * 24 * 3_600_000;
const MAX_FORM = 65_536;

/** What stands sealed in the form. */
interface Asked {
  request: CodeRequest;
  scope: string;
  expiresAt: number;
}

/** Whether the request comes from the browser in which the session began, rather than with a token that anybody may hold. */
export function isOwnBrowser(gate: Gate, exchange: Exchange, session: Session): boolean {
  const cookie = readCookie(exchange.headers.cookie, gate.options().cookie_name);
  return gate.sessions.ofCookie(cookie)?.id === session.id;
}

/** Whether an authorization at an upstream was begun in this browser: by its user and, where a client waits for its end, by its session. */
export function beganHere(
  gate: Gate,
  exchange: Exchange,
  session: Session | undefined,
  { userId, resume }: PendingUpstream,
): boolean {
  if (!session || session.userId !== userId || !isOwnBrowser(gate, exchange, session)) return false;
  return resume?.kind !== 'code' || resume.request.sessionId === session.id;
}

/** The page that asks the person; undefined: they have allowed this client before. */
export async function askConsent(
  gate: Gate,
  exchange: Exchange,
  session: Session,
  client: Client,
  request: CodeRequest,
): Promise<Reply | undefined> {
  const scopes = scopesOf(exchange);
  const scope = scopes.join(' ');
  const { host } = exchange;
  if (await gate.store.consents.has(consentOf(session, host, { request, scope }))) return undefined;
  const asked: Asked = { request, scope, expiresAt: Date.now() + PAGE_LIFE };
  const key = gate.secret.keys().signIn;
  const { client_name: clientName } = client.metadata;
  return consentPage({
    clientName: typeof clientName === 'string' ? clientName : undefined,
    clientId: client.id,
    redirectUri: request.redirectUri ?? '',
    scopes,
    host,
    email: session.email || session.userId,
    consent: seal(key, Buffer.from(JSON.stringify(asked)), binding(session, host)).toString('base64url'),
  });
}

/** Takes the person's decision; only the page's own form can, from the browser and the session that it was made for. */
export async function takeDecision(gate: Gate, exchange: Exchange, session: Session | undefined): Promise<Reply> {
  const refuse = (status: number, description: string): Reply => errorReply(exchange, { status, description });
  if (!session || !isOwnBrowser(gate, exchange, session)) return refuse(401, 'Sign in, and begin again.');
  const { origin } = exchange.headers;
  if (origin !== undefined && origin !== `https://${exchange.host}`)
    return refuse(403, 'The form is not of this site.');
  const form = new URLSearchParams((await exchange.body(MAX_FORM)).toString('utf8'));
  const asked = openAsked(gate, form.get('consent') ?? '', binding(session, exchange.host));
  if (!asked) return refuse(400, 'The page is no longer valid. Begin again in your application.');
  const { request } = asked;
  if (form.get('decision') !== 'allow') return redirect(denied(request));
  const consent = consentOf(session, exchange.host, asked);
  await gate.store.consents.put(consent, Date.now() + CONSENT_LIFE);
  const who = { 'user-id': session.userId, 'client-id': request.clientId, 'request-id': exchange.requestId };
  gate.log({ level: 'info', message: 'strict: the user allowed a client', host: exchange.host, ...who });
  return proceed(gate, exchange, session, request);
}

/** RFC 6749 §4.1.2.1. */
function denied({ redirectUri = '', state }: CodeRequest): string {
  return withParameters(redirectUri, { error: 'access_denied', ...(state === '' ? {} : { state }) });
}

function openAsked(gate: Gate, sealed: string, bound: string): Asked | undefined {
  const plain = unseal(gate.secret.keys().signIn, Buffer.from(sealed, 'base64url'), bound);
  // Sealed by us, so the shape is known.
  const asked = plain && (JSON.parse(plain.toString('utf8')) as Asked);
  return asked && asked.expiresAt > Date.now() ? asked : undefined;
}

function binding({ id }: Session, host: string): string {
  return `consent of ${id} at ${host}`;
}

function consentOf(session: Session, host: string, { request, scope }: Pick<Asked, 'request' | 'scope'>): Consent {
  const { clientId, redirectUri = '' } = request;
  return { userId: session.userId, clientId, redirectUri: withoutLoopbackPort(redirectUri), host, scope };
}

/** Sorted, each once: another order is no other request. */
function scopesOf({ query }: Exchange): string[] {
  return [...new Set((query.get('scope') ?? '').split(' '))].filter((scope) => scope !== '').toSorted();
}
