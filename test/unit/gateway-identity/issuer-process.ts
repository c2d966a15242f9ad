import { writeSync } from 'node:fs';
import { Browser, createBench, obtainTokens, testOptions } from './harness.ts';

/** Issues tokens without end on a state file and prints each pair; the test kills it in the middle. */
const [, , stateFile = '', provider = ''] = process.argv;
const { identity } = createBench(testOptions({ idp_provider_url: provider }), { stateFile });
const browser = new Browser(identity);
for (;;) {
  const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider);
  writeSync(1, `${JSON.stringify({ clientId, accessToken, refreshToken })}\n`);
}
