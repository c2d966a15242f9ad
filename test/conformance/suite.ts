import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../helpers/program.ts';

const SUITE = join(ROOT, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

/** From harmless to grave. A check that is done several times counts as its gravest. */
const STATUSES = ['INFO', 'SUCCESS', 'SKIPPED', 'WARNING', 'FAILURE'] as const;
export type Status = (typeof STATUSES)[number];

export interface Verdict {
  status: Status;
  /** What the suite says about it. */
  message: string;
}

/** Verdicts by `scenario:check`. */
export type Verdicts = Map<string, Verdict>;

export interface SuiteRun {
  folder: string;
  /** A file with an authority to trust. */
  authority?: string;
  /** Told all that was printed so far, each time that more is. */
  onOutput?: (printed: string) => void;
}

/** Runs the official suite: `server`, `authorization` and their options. Its exit code says less than its results do. */
export async function runSuite(args: readonly string[], run: SuiteRun): Promise<Verdicts> {
  const results = await mkdtemp(join(run.folder, 'results-'));
  const child = spawn(process.execPath, [SUITE, ...args, '-o', results], {
    cwd: results,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(run.authority ? { NODE_EXTRA_CA_CERTS: run.authority } : {}) },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      run.onOutput?.(printed);
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  await once(child, 'close');
  clearTimeout(timer);
  if (child.signalCode !== null) throw new Error(`the suite did not come to its end\n${printed}`);
  const verdicts = await readVerdicts(results);
  if (verdicts.size === 0) throw new Error(`the suite left no results\n${printed}`);
  return verdicts;
}

/** The suite writes one folder a scenario: `server-ping-2026-11-25T16-56-47-138Z/checks.json`. */
async function readVerdicts(results: string): Promise<Verdicts> {
  const verdicts: Verdicts = new Map();
  for (const folder of await readdir(results)) {
    const scenario = /^(?:authorization-)?server-(.+)-\d{4}-\d{2}-\d{2}T/.exec(folder)?.[1];
    if (scenario === undefined) continue;
    const checks = JSON.parse(await readFile(join(results, folder, 'checks.json'), 'utf8')) as Check[];
    for (const { id, status, errorMessage = '' } of checks) {
      const key = `${scenario}:${id}`;
      const known = verdicts.get(key);
      if (!known || STATUSES.indexOf(status) > STATUSES.indexOf(known.status)) {
        verdicts.set(key, { status, message: errorMessage.slice(0, 500) });
      }
    }
  }
  return verdicts;
}

interface Check {
  id: string;
  status: Status;
  errorMessage?: string;
}

/** The keys of checks that did not pass, with what the suite says. */
export function failures(verdicts: Verdicts): Map<string, string> {
  const failed = [...verdicts].filter(([, { status }]) => status === 'FAILURE' || status === 'WARNING');
  return new Map(failed.map(([key, { status, message }]) => [key, `${status}: ${message}`]));
}

/** The keys of checks that went another way the second time, with both ways. */
export function differences(first: Verdicts, second: Verdicts): Map<string, string> {
  const found = new Map<string, string>();
  for (const key of new Set([...first.keys(), ...second.keys()])) {
    const [a, b] = [first.get(key), second.get(key)];
    if (a?.status !== b?.status)
      found.set(key, `${a?.status ?? 'absent'} → ${b?.status ?? 'absent'}: ${b?.message ?? ''}`);
  }
  return found;
}
