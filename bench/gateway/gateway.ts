/** The development gateway alone in its process: `gateway.ts <config> <folder> <port> <upstream port>`. Prints an External Token. */
import { randomUUID } from 'node:crypto';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/gateway/identity/database.ts';
import { Secret } from '../../src/gateway/identity/secret.ts';
import { Sessions } from '../../src/gateway/identity/sessions.ts';
import { Store } from '../../src/gateway/identity/store.ts';
import { startGateway } from '../../src/gateway/index.ts';
import { lineLog } from '../../src/net/log.ts';
import { parseConfig } from '../../src/pomerium/index.ts';
import type { Options } from '../../src/pomerium/model.ts';

const [config = '', folder = '', port = '', upstreamPort = ''] = process.argv.slice(2);
const stateFile = join(folder, 'state.sqlite');
const options = readOptions();

const file = openSync(join(folder, 'gateway.log'), 'a');
const { log } = lineLog((text) => void writeSync(file, text), Date.now);
// An orderly exit, so that a profile can be written: node --cpu-prof.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

const token = signIn(options);
await startGateway({
  options,
  listen: { host: '127.0.0.1', port: Number(port) },
  stateFile,
  resolve: () => ({ host: '127.0.0.1', port: Number(upstreamPort) }),
  ca: [],
  log,
  allowPrivateMetadataHosts: false,
});
process.stdout.write(`${token}\n`);

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
  const sessions = new Sessions(store, new Secret(() => wanted, silent, silent), silent);
  const now = Date.now();
  const session = {
    id: randomUUID(),
    userId: 'bench',
    email: 'bench@company.com',
    name: 'Bench',
    idpId: 'bench',
    claims: { groups: ['staff'] },
    issuedAt: now,
    expiresAt: now + 3_600_000,
  };
  store.sessions.add(session);
  const made = sessions.createToken(session);
  store.close();
  return made;
}
