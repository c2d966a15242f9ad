import { writeSync } from 'node:fs';
import { bodyOf, Browser, createBench, obtainCode, refreshForm, requestToken, testOptions } from './harness.ts';

/** What a client was answered. The code and the first refresh token are spent. */
export interface Visit {
  clientId: string;
  code: string;
  verifier: string;
  usedToken: string;
  accessToken: string;
  refreshToken: string;
}

/** Registers clients, signs in, redeems and refreshes without end on a state file, and tells of each; the test kills it in the middle. */
const [, , stateFile = '', provider = ''] = process.argv;
const { identity } = createBench(testOptions({ idp_provider_url: provider }), { stateFile });

async function visit(browser: Browser): Promise<Visit> {
  const { clientId, code, verifier } = await obtainCode(browser, provider);
  const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
  const usedToken = String(bodyOf(await requestToken(identity, form))['refresh_token']);
  const tokens = bodyOf(await requestToken(identity, refreshForm(clientId, usedToken)));
  const [accessToken, refreshToken] = [String(tokens['access_token']), String(tokens['refresh_token'])];
  return { clientId, code, verifier, usedToken, accessToken, refreshToken };
}

const browser = new Browser(identity);
for (;;) writeSync(1, `${JSON.stringify(await visit(browser))}\n`);
