import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServers, type RunningServer } from '../../../src/servers/index.ts';
import { DIFFERENCES } from './differences.ts';
import { createRecordedDatabase } from './recorded-database.ts';
import { loadRecordings, messagesOf, replay, summaryOf, type Recording, type Reply } from './recordings.ts';
import { createGateway, HOST, type Gateway } from './signing.ts';

const RECORDINGS = loadRecordings();
const SIGNATURE_CUT = /eyJhbGciOi~\d+/g;

let folder: string;
let servers: RunningServer;
let gateway: Gateway;
let impostor: Gateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcpgw-replay-'));
  const file = join(folder, 'recorded.sqlite');
  createRecordedDatabase(file);
  gateway = await createGateway();
  impostor = await createGateway();
  servers = await startServers({
    servers: { whoami: { issuers: [HOST], fetch: gateway.fetch }, sqlite: { file } },
    listen: { host: '127.0.0.1', port: 0 },
    allowedHosts: [],
    allowedOrigins: [],
    log: () => undefined,
  });
});

afterAll(async () => {
  await servers.close();
  rmSync(folder, { recursive: true });
});

describe('recorded requests are answered as the public servers answered them', () => {
  test.each(RECORDINGS)('$name', async (recording) => {
    const assertion = await signedAnew(recording);
    const ours = await replay(recording, servers.address.port, (head) => head.replace(SIGNATURE_CUT, assertion));
    const difference = DIFFERENCES.find(({ names }) => names.test(recording.name));
    if (!difference) {
      expect(isSame(ours, recording.reply), `recorded ${summaryOf(recording.reply)}\nnow ${summaryOf(ours)}`).toBe(
        true,
      );
      return;
    }
    expect(isSame(ours, recording.reply), 'answered as recorded: take it out of the differences').toBe(false);
    expect(difference.holds(ours, recording.reply), `${difference.why}\n${summaryOf(ours)}`).toBe(true);
  });
});

test.each(DIFFERENCES)('the difference is met: $why', ({ names }) => {
  expect(RECORDINGS.some(({ name }) => names.test(name))).toBe(true);
});

function isSame(ours: Reply, theirs: Reply): boolean {
  return (
    ours.status === theirs.status &&
    ours.type === theirs.type &&
    isDeepStrictEqual(messagesOf(ours), messagesOf(theirs))
  );
}

/** The recorded assertion with its times moved to now and a signature that holds. */
async function signedAnew({ name, assertion, reply }: Recording): Promise<string> {
  if (!assertion) return gateway.sign();
  const passed = Math.floor((Date.now() - Date.parse(reply.headers.get('date') ?? '')) / 1000);
  const later = <T>(value: T): T | number => (typeof value === 'number' ? value + passed : value);
  // The recordings hold claims of wrong types on purpose.
  const { exp, iat, nbf, ...others } = assertion.claims as JWTPayload;
  const absent = {
    iss: undefined,
    aud: undefined,
    sub: undefined,
    sid: undefined,
    name: undefined,
    email: undefined,
    groups: undefined,
  };
  const claims = { ...absent, ...others, exp: later(exp), iat: later(iat), nbf: later(nbf) };
  const kid = name.startsWith('jwt-kid-') ? (assertion.header['kid'] ?? 'none') : undefined;
  const signer = name === 'jwt-forged-samekid' ? impostor : gateway;
  return signer.sign(claims, { alg: assertion.header['alg'], kid });
}
