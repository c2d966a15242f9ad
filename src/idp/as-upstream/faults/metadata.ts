import { oauthError, redirect } from '../http.ts';
import { changeJson, without } from './change.ts';
import type { Fault } from './fault.ts';

const NO_DISCOVERY =
  'the sign-in goes on without the provider, and the first call ends in 502 without a body; the log says what discovery met';
const STATIC = 'write auth_url and token_url under upstream_oauth2.endpoint: then nothing is discovered';

/** Metadata and registration; a route with static endpoints asks for neither. */
export const METADATA_FAULTS = {
  'metadata-404': {
    summary: 'there is no authorization server metadata',
    symptom: NO_DISCOVERY,
    fix: STATIC,
    places: ['server-metadata'],
    instead: () => oauthError(404, 'not_found', 'no metadata is published'),
  },
  'metadata-redirect': {
    summary: 'the authorization server metadata has moved: a redirect leads to it',
    symptom: 'none: the gateway follows up to ten redirects',
    fix: 'nothing to do',
    places: ['server-metadata'],
    instead: ({ received }) => (received.query.has('moved') ? undefined : redirect(`${received.path}?moved`)),
  },
  'wrong-issuer': {
    summary: 'the metadata names another issuer than the one it was asked for',
    symptom: 'none: Pomerium v0.33.1 does not compare the two, as RFC 8414 §3.3 wants it',
    fix: 'tell the provider: other clients refuse it',
    places: ['server-metadata'],
    after: (answer) => changeJson(answer, (body) => ({ ...body, issuer: 'https://elsewhere.example' })),
  },
  'no-s256': {
    summary: 'the metadata does not say that PKCE with S256 is offered',
    symptom: NO_DISCOVERY,
    fix: STATIC,
    places: ['server-metadata'],
    after: (answer) => without(answer, 'code_challenge_methods_supported'),
  },
  'resource-metadata-404': {
    summary: 'the MCP server publishes no protected resource metadata',
    symptom: `none when the authorization server is at the MCP server’s origin; else ${NO_DISCOVERY}`,
    fix: `set authorization_server_url on the route, or ${STATIC}`,
    places: ['resource-metadata'],
    instead: () => oauthError(404, 'not_found', 'no metadata is published'),
  },
  'wrong-resource': {
    summary: 'the protected resource metadata is that of another resource',
    symptom: NO_DISCOVERY,
    fix: STATIC,
    places: ['resource-metadata'],
    after: (answer) => changeJson(answer, (body) => ({ ...body, resource: 'https://elsewhere.example/mcp' })),
  },
  'no-secret-expiry': {
    summary: 'registration gives a client_secret without client_secret_expires_at',
    symptom: 'authorize ends in 500 `internal error`',
    fix: 'register the gateway by hand and write client_id and client_secret, or tell the provider of RFC 7591 §3.2.1',
    places: ['register'],
    after: (answer) =>
      changeJson(without(answer, 'client_secret_expires_at'), (body) => ({ client_secret: 'unused', ...body })),
  },
  'registration-refused': {
    summary: 'refuses every registration with 403',
    symptom: 'authorize ends in 500 `internal error`',
    fix: 'register the gateway by hand and write client_id and client_secret',
    places: ['register'],
    instead: () => oauthError(403, 'access_denied', 'registration is for partners only'),
  },
} satisfies Record<string, Fault>;
