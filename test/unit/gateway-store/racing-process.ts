import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { Options } from '../../../src/pomerium/model.ts';
import { storeOf } from './open.ts';
import { aRefreshToken, aSession } from './samples.ts';

/** At a sign on its input, tries to redeem every code, and to rotate every refresh token, that the test has stored: `<options as JSON> <count>`. */
const [, , options = '{}', count = ''] = process.argv;
const store = storeOf(JSON.parse(options) as Partial<Options>);
await store.settled;
writeSync(1, 'ready\n');
await once(process.stdin, 'data');
for (let i = 0; i < Number(count); i++) {
  if (await store.redeem(`code-${i}`, aRefreshToken('s'))) writeSync(1, `code-${i}\n`);
  if (await store.rotate(`token-${i}`, aSession(), aRefreshToken('s'))) writeSync(1, `token-${i}\n`);
}
await store.close();
process.exit(0);
