/**
 * The development gateway alone in its process: `gateway.ts <config> <folder> <port> <upstream port>`. Prints an External Token. A file
 * `upstream-token.json` in the folder is stored as the user's token for the upstream of the first route.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/gateway/identity/database.ts';
import { Secret } from '../../src/gateway/identity/secret.ts';
import { Sessions } from '../../src/gateway/identity/sessions.ts';
import { Store } from '../../src/gateway/identity/store.ts';
import { startGateway } from '../../src/gateway/index.ts';
import { upstreamUrlOf } from '../../src/gateway/upstream-oauth/service.ts';
import { Vault } from '../../src/gateway/upstream-oauth/vault.ts';
import { lineLog } from '../../src/net/log.ts';
import { compileRoutes, parseConfig } from '../../src/pomerium/index.ts';
import type { Options } from '../../src/pomerium/model.ts';

/** Followed by the milliseconds that it took, and by the bytes that are in use. */
const RELOADED = 'reloaded in ';
const LIVE = 'live bytes ';
const USER = 'bench';

const [config = '', folder = '', port = '', upstreamPort = ''] = process.argv.slice(2);
const stateFile = join(folder, 'state.sqlite');
const options = readOptions();

const file = openSync(join(folder, 'gateway.log'), 'a');
const { log } = lineLog((text) => void writeSync(file, text), Date.now);
// An orderly exit, so that a profile can be written: node --cpu-prof.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

const token = signIn(options);
const gateway = await startGateway({
  options,
  listen: { host: '127.0.0.1', port: Number(port) },
  stateFile,
  resolve: () => ({ host: '127.0.0.1', port: Number(upstreamPort) }),
  ca: [],
  log,
  allowPrivateMetadataHosts: false,
});
process.stdout.write(`${token}\n`);
process.on('SIGHUP', () => {
  const begun = performance.now();
  gateway.reload(readOptions());
  process.stdout.write(`${RELOADED}${performance.now() - begun}\n`);
});
// Only with node --expose-gc: what is garbage is not counted.
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${LIVE}${heapUsed + external}\n`);
});

function readOptions(): Options {
  const parsed = parseConfig(readFileSync(config, 'utf8'), {
    file: config,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (!parsed.options) throw new Error(JSON.stringify(parsed.problems));
  return parsed.options;
}

function silent(): void {
  // What the store says while it is filled is of no interest.
}

/** A session as a sign-in leaves it behind, and a token for it. */
function signIn(wanted: Options): string {
  const store = new Store(openDatabase(stateFile));
  const secret = new Secret(() => wanted, silent, silent);
  const sessions = new Sessions(store, secret, silent);
  const now = Date.now();
  const session = {
    id: randomUUID(),
    userId: USER,
    email: 'bench@company.com',
    name: 'Bench',
    idpId: 'bench',
    claims: { groups: ['staff'] },
    issuedAt: now,
    expiresAt: now + 3_600_000,
  };
  store.sessions.add(session);
  const made = sessions.createToken(session);
  storeUpstreamToken(store, wanted, new Vault(secret));
  store.close();
  return made;
}

/** As consent leaves it behind. */
function storeUpstreamToken(store: Store, wanted: Options, vault: Vault): void {
  const given = join(folder, 'upstream-token.json');
  const [route] = compileRoutes(wanted).routes;
  if (!route || !existsSync(given)) return;
  const key = { userId: USER, routeId: route.id, upstreamUrl: upstreamUrlOf(route) };
  const token = JSON.parse(readFileSync(given, 'utf8')) as object;
  store.upstreamTokens.put({ ...key, sealed: vault.close(token, key.userId, key.routeId, key.upstreamUrl) });
}
