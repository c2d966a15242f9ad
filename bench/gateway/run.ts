/**
 * The gateway beside nginx, a bare Node TLS pipe and two npm peers, over the same upstream on this machine:
 * `node bench/gateway/run.ts [--connections 1,10,100] [--seconds N] [--rounds N] [--streams 1000,3000] [--peers FOLDER] [--with-pomerium PATH]
 * [--parts calls,streams,start,tokens,storms,policies,routes]`.
 * Writes Markdown tables to standard output, progress to standard error. Calls a second mean little on another machine: the ratios do.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'rolldown';
import { ensureAuthority, ensureServerCertificate } from '../../src/tls/index.ts';
import { answersChallenge, measure, measureStreams, measureStart } from './measure.ts';
import { measurePolicies } from './policy.ts';
import { firstLine, freePort, start, stopAll } from './processes.ts';
import { measureRoutes } from './routes.ts';
import { measureStorms } from './storm.ts';
import {
  callTable,
  policyTable,
  ratioTable,
  routesTable,
  startTable,
  stormTable,
  streamTable,
  upstreamTokenTable,
  type Row,
  type StreamRow,
} from './tables.ts';
import {
  startGatewayProcess,
  startNginx,
  startPeers,
  startPipe,
  startPomerium,
  type Bench,
  type Skipped,
  type Target,
} from './targets.ts';
import { measureUpstreamTokens } from './upstream-tokens.ts';

const { values: flags } = parseArgs({
  options: {
    connections: { type: 'string', default: '1,10,100' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    streams: { type: 'string', default: '1000,3000' },
    parts: { type: 'string', default: 'calls,streams,start,tokens,storms,policies,routes' },
    peers: { type: 'string', default: 'node_modules/.bin' },
    'with-pomerium': { type: 'string' },
  },
});
const run = { rounds: Number(flags.rounds), seconds: Number(flags.seconds), note };

/** Each gives its tables. */
const PARTS: Readonly<Record<string, (bench: Bench, targets: readonly Target[]) => Promise<string>>> = {
  calls: async (bench, targets) => {
    const rows = await measureCalls(bench, targets);
    return `${ratioTable(rows)}\n\n${callTable(rows)}`;
  },
  streams: async (bench, targets) => streamTable(await measureAllStreams(bench, targets)),
  start: async (bench) => startTable(await measureStarts(bench)),
  tokens: async (bench) => upstreamTokenTable(await measureUpstreamTokens(bench, run)),
  storms: async (bench) => stormTable(await measureStorms(bench)),
  policies: async (bench) => policyTable(await measurePolicies(bench, run)),
  routes: async (bench) => routesTable(await measureRoutes(bench, run)),
};
const numbers = (text: string): number[] => text.split(',').filter(Boolean).map(Number);

const folder = mkdtempSync(join(tmpdir(), 'mcpgw-bench-'));
try {
  await main(await prepare());
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}

async function main(bench: Bench): Promise<void> {
  const { targets, skipped } = await startAll(bench);
  const before = loadavg();
  for (const { name, reason } of skipped) note(`skipped ${name}: ${reason}`);
  const texts: string[] = [];
  for (const part of flags.parts.split(',')) {
    const measurePart = PARTS[part];
    if (!measurePart) throw new Error(`--parts ${part}: there are ${Object.keys(PARTS).join(', ')}`);
    texts.push(await measurePart(bench, targets));
  }
  const left = skipped.map(({ name, reason }) => `- skipped: ${name} (${reason})`);
  process.stdout.write([surroundings(before), ...texts, left.join('\n')].filter(Boolean).join('\n\n') + '\n');
}

/** A figure without its machine is none; a load that was there before spoils the ratios. */
function surroundings(before: readonly number[]): string {
  const [first = 0] = before;
  const [last = 0] = loadavg();
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, Node ${process.version}, ${cpus().length} processors, load ${first.toFixed(1)} before and ${last.toFixed(1)} after.`;
}

/** Certificates, bundled programs (as the package ships them: what Node needs to read TypeScript would be measured else), the upstream. */
async function prepare(): Promise<Bench> {
  const now = Date.now();
  const authority = await ensureAuthority(join(folder, 'ca'), { domain: 'localhost', now });
  const names = ['whoami.localhost'];
  const { certFile, keyFile } = await ensureServerCertificate({ authority, dir: join(folder, 'cert'), names, now });
  const program = (name: string): string => join(folder, 'programs', `${name}.js`);
  const sources = ['gateway', 'pipe', 'load', 'storm-client', 'streams', 'upstream', 'stdio-upstream'];
  await build({
    input: Object.fromEntries(sources.map((name) => [name, join(import.meta.dirname, `${name}.ts`)])),
    platform: 'node',
    external: [/^node:/],
    logLevel: 'silent',
    output: { dir: join(folder, 'programs'), format: 'esm', minify: true },
  });
  writeFileSync(join(folder, 'programs/package.json'), '{"type":"module"}');
  const upstreamPort = await freePort();
  start(process.execPath, [program('upstream'), String(upstreamPort)]);
  const programs = {
    gateway: program('gateway'),
    pipe: program('pipe'),
    load: program('load'),
    'storm-client': program('storm-client'),
    streams: program('streams'),
    'stdio-upstream': program('stdio-upstream'),
  };
  return { folder, upstreamPort, programs, certFile, keyFile, caFile: authority.certFile };
}

async function startAll(bench: Bench): Promise<{ targets: Target[]; skipped: Skipped[] }> {
  const pomerium = flags['with-pomerium'];
  const made = [
    await startNginx(bench),
    await startGatewayProcess(bench),
    await startPipe(bench),
    ...(await startPeers(bench, [flags.peers])),
    ...(pomerium === undefined ? [] : [await startPomerium(bench, pomerium)]),
  ];
  const targets = made.filter((one) => 'port' in one);
  for (const target of targets) await answersChallenge(target, bench);
  const gateway = targets.find(({ name }) => name.startsWith('gateway'));
  if (gateway) gateway.headers = `Authorization: Bearer ${await firstLine(gateway.started)}\r\n`;
  return { targets, skipped: made.filter((one) => 'reason' in one) };
}

/** Rounds are interleaved, so that what else happens on the machine meets all alike. */
async function measureCalls(bench: Bench, targets: readonly Target[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const connections of numbers(flags.connections)) {
    // The npm peers keep a process for each session: a hundred of them would measure the machine's memory.
    const asked = targets.filter(({ initialize }) => !initialize || connections <= 10);
    const results = new Map(asked.map((target) => [target, [] as Awaited<ReturnType<typeof measure>>[]]));
    for (let round = 1; round <= Number(flags.rounds); round++) {
      for (const target of asked) {
        const result = await measure(bench, target, connections, Number(flags.seconds));
        results.get(target)?.push(result);
        note(`${connections} connections, round ${round}: ${target.name} ${Math.round(result.rate)}/s`);
      }
    }
    for (const [target, list] of results) {
      rows.push({ name: target.name, connections, isPeer: target.initialize, results: list });
    }
  }
  return rows;
}

async function measureAllStreams(bench: Bench, targets: readonly Target[]): Promise<StreamRow[]> {
  const rows: StreamRow[] = [];
  const compared = targets.filter(({ name }) => name.startsWith('nginx') || name.startsWith('gateway'));
  for (const count of numbers(flags.streams)) {
    for (const target of compared) {
      rows.push({ name: target.name, count, ...(await measureStreams(bench, target, count)) });
      note(`${count} event streams: ${target.name}`);
    }
  }
  return rows;
}

async function measureStarts(bench: Bench): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) times.push(await measureStart(bench));
  return times;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
