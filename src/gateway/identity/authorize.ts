import type { Session } from '../../pomerium/model.ts';
import type { Exchange, Reply } from '../exchange.ts';
import { errorReply, textReply } from '../replies.ts';
import { authorizationProblem } from '../strict/authorization.ts';
import { askConsent, isOwnBrowser } from '../strict/consent.ts';
import { matchesExactly } from '../strict/redirect-rules.ts';
import { findClient, type NoClient } from './clients.ts';
import { proceed, type CodeRequest } from './code-grant.ts';
import type { Gate } from './gate.ts';
import { isBrokenQuery } from './go-text.ts';
import { matchesRegistered } from './redirect-uri.ts';
import type { Client } from './client-table.ts';

const CHALLENGE_METHODS = ['S256', 'plain'];

/** A code grant's authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3); empty parameters count as absent. */
type AuthorizationRequest = Omit<CodeRequest, 'sessionId'>;

/**
 * Pomerium v0.33.1 internal/mcp/handler_authorization.go, checks in its order. A fault is shown to the person and never sent to
 * the client.
 */
export async function authorize(gate: Gate, exchange: Exchange, session: Session | undefined): Promise<Reply> {
  if (!session) return textReply(400, 'invalid request');
  const refuse = (status: number, description: string): Reply => {
    gate.log({
      level: 'info',
      message: 'mcp/authorize: refused',
      reason: description,
      'request-id': exchange.requestId,
    });
    return errorReply(exchange, { status, description });
  };
  if (isBrokenQuery(exchange.rawQuery)) return refuse(400, 'The authorization request could not be parsed.');
  const request = readRequest(exchange.query);
  if (!request) return refuse(400, 'The authorization request is invalid.');
  const found = await findClient(gate, request.clientId);
  if (found.kind !== 'client') {
    if (found.kind === 'invalid-metadata') {
      gate.log({
        level: 'warn',
        message: 'mcp/authorize: client metadata refused',
        'client-id': request.clientId,
        reason: found.reason,
      });
    }
    return refuse(...explain(found));
  }
  const { client } = found;
  const matches = gate.strict ? matchesExactly : matchesRegistered;
  const problem =
    clientProblem(client, request, matches) ??
    (gate.strict ? authorizationProblem(exchange, client, request) : undefined);
  if (problem !== undefined) return refuse(400, problem);
  const granted = { ...request, sessionId: session.id };
  if (!gate.strict) return proceed(gate, exchange, session, granted);
  if (!isOwnBrowser(gate, exchange, session)) return refuse(401, 'Sign in with a browser.');
  return (await askConsent(gate, exchange, session, client, granted)) ?? proceed(gate, exchange, session, granted);
}

function readRequest(query: URLSearchParams): AuthorizationRequest | undefined {
  const value = (name: string): string | undefined => query.get(name) || undefined;
  const clientId = value('client_id');
  const codeChallenge = value('code_challenge');
  const codeChallengeMethod = value('code_challenge_method');
  if (clientId === undefined || value('response_type') !== 'code') return undefined;
  if (codeChallenge !== undefined && (codeChallenge.length < 43 || codeChallenge.length > 128)) return undefined;
  if (codeChallengeMethod !== undefined && !CHALLENGE_METHODS.includes(codeChallengeMethod)) return undefined;
  return {
    clientId,
    redirectUri: value('redirect_uri'),
    codeChallenge,
    codeChallengeMethod,
    state: query.get('state') ?? '',
  };
}

function explain(found: NoClient): [status: number, description: string] {
  if (found.kind === 'unknown') return [401, 'The MCP client is not registered.'];
  if (found.kind === 'invalid-metadata') return [400, 'The MCP client metadata could not be validated.'];
  return [
    401,
    `The MCP client domain \`${found.domain}\` is not authorized. Contact your Pomerium administrator to add this domain` +
      ' to the `mcp_allowed_client_id_domains` configuration option.',
  ];
}

/** Pomerium v0.33.1 internal/oauth21/validate.go. */
function clientProblem(
  { metadata }: Client,
  request: AuthorizationRequest,
  matches: typeof matchesRegistered,
): string | undefined {
  const { redirect_uris: registered, token_endpoint_auth_method: method } = metadata;
  if (request.redirectUri === undefined) {
    if (registered.length === 0) return 'client has no redirect URIs';
    if (registered.length > 1) return 'client has multiple redirect URIs and none were provided';
  } else if (!matches(request.redirectUri, registered)) {
    return 'client redirect URI does not match registered redirect URIs';
  }
  if (method === 'client_secret_basic' || method === 'client_secret_post') return undefined;
  if (method !== 'none') return `unsupported token endpoint auth method: ${method}`;
  if (request.codeChallenge === undefined) {
    return "code challenge are required when token endpoint auth method is 'none'";
  }
  return undefined;
}
