import { parseJson, recordOf } from '../../../json.ts';
import { challenge } from '../challenge.ts';
import { ELEVATED } from '../site.ts';
import type { Fault } from './fault.ts';

/** What the MCP server itself says. */
export const RESOURCE_FAULTS = {
  'insufficient-scope': {
    summary: 'every tools/call is answered 403 insufficient_scope, whatever scopes the token has',
    symptom: '401 with the gateway’s challenge; signing in again changes nothing while the token is good',
    fix: 'add the missing scope to the route’s scopes, POST /.pomerium/mcp/routes/disconnect, and sign in again',
    places: ['resource'],
    after: (answer, { site, received }) => {
      if (answer.status !== 200 || recordOf(parseJson(received.body))['method'] !== 'tools/call') return answer;
      return challenge(site, 403, {
        error: 'insufficient_scope',
        scope: ELEVATED,
        error_description: `${ELEVATED} is needed`,
      });
    },
  },
  'resource-403': {
    summary: 'every tools/call is answered 403 without a challenge',
    symptom: 'the 403 passes through as it is',
    fix: 'the user lacks a right at the provider: no token mends that',
    places: ['resource'],
    after: (answer, { received }) =>
      answer.status === 200 && recordOf(parseJson(received.body))['method'] === 'tools/call'
        ? { ...answer, status: 403, body: JSON.stringify({ error: 'forbidden' }) }
        : answer,
  },
} satisfies Record<string, Fault>;
