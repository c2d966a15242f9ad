import { parseJson, recordOf } from '../../../json.ts';
import { html, json, oauthError } from '../http.ts';
import { changeJson, without } from './change.ts';
import type { Fault } from './fault.ts';

/** More than the 1 MiB that Pomerium reads of a token's answer. */
const HUGE = 2 * 1024 * 1024;

const EXCHANGE_FAILED = 'the callback answers 502 `Token exchange failed`';

/** Token endpoints that do not do as RFC 6749 says, as some vendors’ do not. */
export const TOKEN_ANSWER_FAULTS = {
  'code-refused': {
    summary: 'refuses every code with 400 invalid_grant',
    symptom: EXCHANGE_FAILED,
    fix: 'compare client ID, secret and callback URL with what the provider has registered',
    places: ['code'],
    instead: () => oauthError(400, 'invalid_grant', 'the code is not accepted'),
  },
  'basic-only': {
    summary:
      'the token endpoint takes client credentials in the Authorization header only, as Notion’s and Airtable’s do',
    symptom: EXCHANGE_FAILED,
    fix: 'Pomerium v0.33.1 always sends them in the body: put a proxy before the token endpoint, or use the vendor’s own MCP server',
    places: [],
    behave: (behaviour) => ({ ...behaviour, clientAuthentication: ['client_secret_basic'] }),
  },
  'form-encoded': {
    summary: 'the token’s answer is a form, as GitHub’s is for those who do not ask for JSON',
    symptom: EXCHANGE_FAILED,
    fix: 'Pomerium reads JSON only and asks for it by Accept: look for the provider’s switch to JSON',
    places: ['code', 'refresh'],
    after: (answer) => {
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries(recordOf(parseJson(answer.body)))) form.set(name, String(value));
      const headers = { ...answer.headers, 'content-type': 'application/x-www-form-urlencoded' };
      return { ...answer, headers, body: form.toString() };
    },
  },
  'html-page': {
    summary: 'the token endpoint answers 200 with an HTML page, as a proxy or a maintenance page does',
    symptom: EXCHANGE_FAILED,
    fix: 'look at token_url: curl -i with that URL shows the page',
    places: ['code', 'refresh'],
    instead: () => html(200, '<!DOCTYPE html><title>Maintenance</title><h1>We will be back soon</h1>'),
  },
  'invalid-json': {
    summary: 'the token’s answer breaks off in the middle',
    symptom: EXCHANGE_FAILED,
    fix: 'try again; if it stays, look at what stands between the gateway and the provider',
    places: ['code', 'refresh'],
    after: (answer) => ({ ...answer, body: answer.body.slice(0, answer.body.length / 2) }),
  },
  'error-200': {
    summary: 'errors come with status 200: {"ok":false,"error":"invalid_code"}, as Slack’s do',
    symptom: EXCHANGE_FAILED,
    fix: 'the provider’s own log says what it refused; its documentation explains the error’s name',
    places: ['code', 'refresh'],
    instead: () => json(200, { ok: false, error: 'invalid_code' }),
  },
  'nested-token': {
    summary: 'the user’s token stands in authed_user, as in Slack’s classic answer',
    symptom: EXCHANGE_FAILED,
    fix: 'Slack: use https://slack.com/oauth/v2_user/authorize and https://slack.com/api/oauth.v2.user.access',
    places: ['code', 'refresh'],
    after: (answer) => changeJson(answer, (body) => ({ ok: true, authed_user: body })),
  },
  'no-access-token': {
    summary: 'the token’s answer is JSON without access_token',
    symptom: EXCHANGE_FAILED,
    fix: 'look at token_url: it is probably another endpoint of the provider',
    places: ['code', 'refresh'],
    after: (answer) => without(answer, 'access_token'),
  },
  'huge-answer': {
    summary: 'the token’s answer is 2 MiB long',
    symptom: EXCHANGE_FAILED,
    fix: 'Pomerium reads 1 MiB: look at token_url, no provider means to do that',
    places: ['code', 'refresh'],
    after: (answer) => changeJson(answer, (body) => ({ padding: 'x'.repeat(HUGE), ...body })),
  },
} satisfies Record<string, Fault>;
