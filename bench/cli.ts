import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argument, freePorts, timed } from './common.ts';
import { median } from './gateway/tables.ts';

/*
 * What a command costs from start to end, side by side with a bare Node in the same minute. Needs a build in dist/.
 * `node bench/cli.ts [--rounds 15]`
 */

const PROGRAM = join(import.meta.dirname, '../bin/mcpgw.js');
const ROUNDS = Number(argument('--rounds') ?? 15);

interface Case {
  name: string;
  aim: string;
  run(): void;
}

const home = mkdtempSync(join(tmpdir(), 'mcpgw-bench-'));
const project = join(home, 'gw');
const env = { ...process.env, MCPGW_STATE_DIR: join(home, 'state'), MCPGW_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };

try {
  const whole = await measureWholeRoad();
  const cases: Case[] = [
    { name: '`node -e 0`', aim: '', run: () => node(['-e', '0'], home) },
    { name: '`mcpgw --help`', aim: '≤ 1.5 × bare Node', run: () => mcpgw(['--help'], project) },
    {
      name: '`mcpgw token whoami --as member`, from cache',
      aim: '≤ 150 ms',
      run: () => mcpgw(['token', 'whoami', '--as', 'member'], project),
    },
    {
      name: '`mcpgw token whoami --as member --fresh`, the whole flow',
      aim: '≤ 400 ms over the cached one',
      run: () => mcpgw(['token', 'whoami', '--as', 'member', '--fresh'], project),
    },
    { name: '`mcpgw up`, running already', aim: '', run: () => mcpgw(['up'], project) },
    {
      name: '`mcpgw call whoami whoami --as member`',
      aim: '',
      run: () => mcpgw(['call', 'whoami', 'whoami', '--as', 'member'], project),
    },
  ];
  const times = interleave(cases);
  const bare = median(times[0] ?? []);
  process.stdout.write(`| command | × bare Node | median | aim |\n|---|---|---|---|\n`);
  cases.forEach((one, i) => {
    const time = median(times[i] ?? []);
    process.stdout.write(`| ${one.name} | ${(time / bare).toFixed(2)} | ${time.toFixed(0)} ms | ${one.aim} |\n`);
  });
  const total = Object.values(whole).reduce((sum, time) => sum + time, 0);
  const parts = Object.entries(whole).map(([name, time]) => `${name} ${time.toFixed(0)}`);
  process.stdout.write(
    `| create + up + token + call | ${(total / bare).toFixed(1)} | ${total.toFixed(0)} ms (${parts.join(', ')}) | < 3 s |\n`,
  );
} finally {
  spawnSync(process.execPath, [PROGRAM, 'down'], { cwd: project, env });
  rmSync(home, { recursive: true, force: true });
}

async function measureWholeRoad(): Promise<Record<string, number>> {
  const [port, idpPort] = await freePorts(2);
  return {
    create: timed(() =>
      mcpgw(
        ['create', 'gw', '--yes', '--engine', 'embedded', '--port', String(port), '--idp-port', String(idpPort)],
        home,
      ),
    ),
    up: timed(() => mcpgw(['up'], project)),
    token: timed(() => mcpgw(['token', 'whoami', '--as', 'member'], project)),
    call: timed(() => mcpgw(['call', 'whoami', 'whoami', '--as', 'member'], project)),
  };
}

/** Every case once a round, so that a slow minute of the machine falls on all alike. */
function interleave(cases: readonly Case[]): number[][] {
  const times: number[][] = cases.map(() => []);
  for (let round = 0; round < ROUNDS; round++) cases.forEach((one, i) => times[i]?.push(timed(() => one.run())));
  return times;
}

function mcpgw(words: readonly string[], cwd: string): void {
  node([PROGRAM, ...words], cwd);
}

function node(args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
}
