import { changeCallback } from './change.ts';
import type { Fault } from './fault.ts';

/** What the browser brings back from the provider. */
export const AUTHORIZATION_FAULTS = {
  'access-denied': {
    summary: 'whatever the user answers, the provider sends error=access_denied',
    symptom: 'the browser stops at 400 `Authorization failed`; the MCP client never hears of it',
    fix: 'approve; if the provider refuses by itself, its administrator has to allow the application',
    places: ['authorize'],
    after: (answer) =>
      changeCallback(answer, (parameters) => {
        parameters.delete('code');
        parameters.set('error', 'access_denied');
        parameters.set('error_description', 'the user said no');
      }),
  },
  'wrong-state': {
    summary: 'the callback comes with another state',
    symptom: 'the browser stops at 400 `Invalid or expired state`',
    fix: 'start again from the MCP client, in one browser; state is good for 5 minutes and once',
    places: ['authorize'],
    after: (answer) => changeCallback(answer, (parameters) => parameters.set('state', 'not-the-one-sent')),
  },
  'wrong-iss': {
    summary: 'the callback names another issuer (RFC 9207), as in a mix-up attack',
    symptom: 'none: Pomerium v0.33.1 does not look at it; later releases answer 400 `Invalid issuer`',
    fix: 'tell the provider: its metadata and its callback disagree',
    places: ['authorize'],
    after: (answer) => changeCallback(answer, (parameters) => parameters.set('iss', 'https://elsewhere.example')),
  },
  'comma-scopes': {
    summary: 'scopes are separated by commas, as with Slack and Linear; with a space they are unknown',
    symptom:
      'with two scopes the provider sends error=invalid_scope, and the browser stops at 400 `Authorization failed`',
    fix: 'write one element with a comma in it: scopes: ["read,write"]',
    places: [],
    behave: (behaviour) => ({ ...behaviour, scopeSeparator: ',' }),
  },
} satisfies Record<string, Fault>;
