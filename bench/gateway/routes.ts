import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersChallenge, measure } from './measure.ts';
import { firstLine, residentKb, stop, type Started } from './processes.ts';
import type { Row } from './tables.ts';
import { startGatewayProcess, type Bench, type Target } from './targets.ts';

/* What many routes cost: to start, to read the configuration again, and for each call. The gateways differ in nothing but their number. */

const CONNECTIONS = 10;
const COUNTS = [10, 1_000];

export interface RoutesFigure extends Row {
  /** Milliseconds from the start of the process to the first answer, and those of a reload, in which nobody else is answered. */
  starts: number[];
  reloads: number[];
  /** After the start, before any call. */
  residentKb: number[];
}

export interface RoutesRun {
  rounds: number;
  seconds: number;
  note: (line: string) => void;
}

/** Rounds are interleaved, so that what else happens on the machine meets both alike. */
export async function measureRoutes(bench: Bench, run: RoutesRun): Promise<RoutesFigure[]> {
  const figures = COUNTS.map((count): RoutesFigure => ({
    name: `${count} routes`,
    connections: CONNECTIONS,
    isPeer: false,
    results: [],
    starts: [],
    reloads: [],
    residentKb: [],
  }));
  for (let round = 1; round <= run.rounds; round++) {
    for (const [i, count] of COUNTS.entries()) {
      const figure = figures[i];
      if (figure) await measureOnce(bench, { figure, count, round }, run);
    }
  }
  return figures;
}

interface Turn {
  figure: RoutesFigure;
  count: number;
  round: number;
}

async function measureOnce(bench: Bench, { figure, count, round }: Turn, run: RoutesRun): Promise<void> {
  const folder = join(bench.folder, `routes-${count}-${round}`);
  mkdirSync(folder);
  const begun = performance.now();
  const target = await startGatewayProcess({ ...bench, folder }, { moreRoutes: routes(count - 1) });
  await answersChallenge(target, bench);
  figure.starts.push(performance.now() - begun);
  figure.residentKb.push(residentKb(target.started.child.pid ?? 0));
  const signedIn: Target = { ...target, headers: `Authorization: Bearer ${await firstLine(target.started)}\r\n` };
  const result = await measure(bench, signedIn, CONNECTIONS, run.seconds);
  figure.results = [...figure.results, result];
  figure.reloads.push(await reload(target.started, join(folder, 'pomerium-config.yaml')));
  await stop(target.started.child);
  run.note(`${figure.name}, round ${round}: ${Math.round(result.rate)}/s`);
}

/** Each with a host, an upstream and a policy of its own. */
function routes(count: number): string {
  return Array.from({ length: count }, (_, i) => routeOf(`server-${i}`)).join('');
}

function routeOf(name: string): string {
  return `  - name: ${name}
    from: https://${name}.localhost:8443
    to: http://${name}:8080
    mcp:
      server:
        max_request_bytes: 32768
    policy:
      - allow:
          or:
            - domain:
                is: company.com
            - email:
                is: ${name}@example.com
        deny:
          or:
            - mcp_tool:
                in: [secret, drop_table]
`;
}

/** Milliseconds that the gateway takes for a configuration with one route more. */
async function reload({ child, output }: Started, config: string): Promise<number> {
  appendFileSync(config, routeOf('one-more'));
  child.kill('SIGHUP');
  for (;;) {
    const told = /reloaded in ([\d.]+)/.exec(output())?.[1];
    if (told !== undefined) return Number(told);
    if (child.exitCode !== null) throw new Error(`the gateway ended at a reload: ${output()}`);
    await sleep(10);
  }
}
