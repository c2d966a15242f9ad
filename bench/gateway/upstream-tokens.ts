import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpstreamToken } from '../../src/gateway/upstream-oauth/upstream-token.ts';
import { answersChallenge, measure } from './measure.ts';
import { firstLine, stop } from './processes.ts';
import type { Row } from './tables.ts';
import { startGatewayProcess, type Bench, type Target } from './targets.ts';

/* What upstream OAuth costs a call: a plain route, one with upstream OAuth and nothing stored, one whose user has a token. */

const CONNECTIONS = 10;
const OAUTH = '{max_request_bytes: 32768, upstream_oauth2: {client_id: bench, client_secret: bench}}';
const LONG_LIVED: UpstreamToken = {
  accessToken: 'an-upstream-token-of-a-usual-length-0123456789',
  issuedAt: 0,
  scopes: [],
  clientId: 'bench',
  issuer: '',
  tokenEndpoint: '',
  resource: '',
};
const CASES: { name: string; server?: string; token?: UpstreamToken }[] = [
  { name: 'without upstream OAuth' },
  { name: 'with it, no token stored', server: OAUTH },
  { name: 'with it, token stored', server: OAUTH, token: LONG_LIVED },
];

export interface UpstreamTokensRun {
  rounds: number;
  seconds: number;
  note: (line: string) => void;
}

export async function measureUpstreamTokens(bench: Bench, run: UpstreamTokensRun): Promise<Row[]> {
  const targets: Target[] = [];
  for (const [i, { name, server, token }] of CASES.entries()) {
    const folder = join(bench.folder, `upstream-token-${i}`);
    mkdirSync(folder);
    if (token) writeFileSync(join(folder, 'upstream-token.json'), JSON.stringify(token));
    const target = await startGatewayProcess({ ...bench, folder }, server === undefined ? {} : { server });
    await answersChallenge(target, bench);
    targets.push({ ...target, name, headers: `Authorization: Bearer ${await firstLine(target.started)}\r\n` });
  }
  const results = targets.map((): Row['results'][number][] => []);
  for (let round = 1; round <= run.rounds; round++) {
    for (const [i, target] of targets.entries()) {
      const result = await measure(bench, target, CONNECTIONS, run.seconds);
      results[i]?.push(result);
      run.note(`upstream tokens, round ${round}: ${target.name} ${Math.round(result.rate)}/s`);
    }
  }
  await Promise.all(targets.map(async ({ started }) => stop(started.child)));
  return targets.map(({ name }, i) => ({
    name,
    connections: CONNECTIONS,
    isPeer: false,
    results: results[i] ?? [],
  }));
}
