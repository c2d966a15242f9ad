import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import { parsePasted } from '../../../src/oauth/pasted.ts';
import { checkCallback, redeemCode } from '../../../src/oauth/protocol.ts';
import { GrantRefused } from '../../../src/oauth/token-answer.ts';
import type { ClientIdentity, ServerMetadata } from '../../../src/oauth/types.ts';
import { optionsFor, startWorld, type World } from './world.ts';

const CLIENT: ClientIdentity = {
  clientId: 'c',
  tokenEndpointAuthMethod: 'none',
  redirectUri: 'http://127.0.0.1:9/callback',
};
const METADATA: ServerMetadata = {
  issuer: 'https://as.example',
  authorization_endpoint: 'https://as.example/authorize',
  token_endpoint: 'https://as.example/token',
};
const STATE = 's'.repeat(43);

let world: World;
beforeAll(async () => void (world = await startWorld()));
afterAll(async () => world.close());

/** What a token endpoint might answer, from nearly right to anything. */
const answers = fc.oneof(
  fc
    .record(
      {
        access_token: fc.oneof(fc.string(), fc.constant('good'), fc.jsonValue()),
        token_type: fc.oneof(fc.constantFrom('Bearer', 'bearer', 'mac'), fc.jsonValue()),
        expires_in: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
        refresh_token: fc.oneof(fc.string(), fc.jsonValue()),
        scope: fc.oneof(fc.string(), fc.jsonValue()),
        id_token: fc.jsonValue(),
        error: fc.oneof(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string(),
);

describe('anything that a token endpoint answers', () => {
  test('is a usable token, a refusal, or one explained error', async () => {
    await fc.assert(
      fc.asyncProperty(
        answers,
        fc.constantFrom(200, 201, 204, 302, 400, 401, 500),
        fc.constantFrom('application/json', 'text/html'),
        async (body, status, type) => {
          const response = new Response(status === 204 ? null : body, { status, headers: { 'content-type': type } });
          const options = { ...optionsFor(world), fetch: async () => response };
          const callback = checkCallback(METADATA, CLIENT, new URLSearchParams({ code: 'x', state: STATE }), STATE);
          const pending = { state: STATE, codeVerifier: 'v'.repeat(43), codeChallenge: '' };
          try {
            const grant = await redeemCode(options, METADATA, CLIENT, callback, pending, undefined);
            expect(grant.accessToken).toMatch(/^[\x21-\x7e]+$/);
            expect(status).toBe(200);
            if (grant.expiresIn !== undefined) expect(grant.expiresIn).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(error instanceof CliError || error instanceof GrantRefused).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('anything that comes to the redirect URI', () => {
  const queries = fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('code', 'state', 'iss', 'error', 'error_description', 'response', 'id_token', 'token'),
        fc.string(),
      ),
      fc.oneof(fc.string(), fc.constantFrom(STATE, METADATA.issuer)),
    ),
  );

  test('is a code with our state, or one explained error', () => {
    fc.assert(
      fc.property(queries, (pairs) => {
        const parameters = new URLSearchParams(pairs);
        try {
          const checked = checkCallback(METADATA, CLIENT, parameters, STATE);
          expect(checked.getAll('state')).toEqual([STATE]);
          expect(checked.getAll('code')).toHaveLength(1);
          expect(checked.has('error') && checked.get('error') !== '').toBe(false);
          expect([null, '', METADATA.issuer]).toContain(checked.get('iss'));
        } catch (error) {
          expect(error).toBeInstanceOf(CliError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('pasted text is the redirect URI with a query, or nothing', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.webUrl({ withQueryParameters: true }),
      fc.string().map((tail) => `${CLIENT.redirectUri}${tail}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parameters = parsePasted(text, CLIENT.redirectUri);
        if (!parameters) return;
        const url = new URL(text.trim().replace(/^['"<]|['">]$/g, ''));
        expect(`${url.origin}${url.pathname}`).toBe(CLIENT.redirectUri);
      }),
      { numRuns: 1_000 },
    );
  });
});
