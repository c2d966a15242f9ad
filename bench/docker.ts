import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argument, freePorts, timed } from './common.ts';
import { median } from './gateway/tables.ts';

/*
 * What `mcpgw up` adds to `docker compose up -d`, on images that are there: time until a tool call succeeds, beside Compose and a loop that
 * tries the same call. Needs a build in dist/ and the images of test/docker/rig.ts. `node bench/docker.ts [--rounds 5]`
 */

const PROGRAM = join(import.meta.dirname, '../bin/mcpgw.js');
const ROUNDS = Number(argument('--rounds') ?? 5);

const home = mkdtempSync(join(tmpdir(), 'mcpgw-bench-docker-'));
const project = join(home, 'gw');
const env = {
  ...process.env,
  MCPGW_STATE_DIR: join(home, 'state'),
  MCPGW_NO_UPDATE_NOTIFIER: '1',
  MCPGW_NODE_IMAGE: 'mcpgw-test/node:24',
  NO_COLOR: '1',
};

if (spawnSync('docker', ['image', 'inspect', 'mcpgw-test/pomerium:v0.33.1', 'mcpgw-test/postgres:17']).status !== 0) {
  process.stdout.write('skipped: no Docker Engine with the test images (node test/docker/rig.ts up)\n');
} else await measure();

async function measure(): Promise<void> {
  try {
    const [port, idpPort] = await freePorts(2);
    mcpgw(['create', 'gw', '--yes', '--engine', 'docker', '--port', String(port), '--idp-port', String(idpPort)], home);
    const dotenv = join(project, '.env');
    const text = readFileSync(dotenv, 'utf8')
      .replace(/^POMERIUM_IMAGE=.*/m, 'POMERIUM_IMAGE=mcpgw-test/pomerium:v0.33.1')
      .replace(/^POSTGRES_IMAGE=.*/m, 'POSTGRES_IMAGE=mcpgw-test/postgres:17');
    writeFileSync(dotenv, text);
    // Images, volumes, a token: what both ways find in each round.
    mcpgw(['up'], project);
    mcpgw(['token', 'whoami', '--as', 'member'], project);
    const own: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      mcpgw(['down'], project);
      own.push(timed(() => mcpgw(['up'], project)));
      mcpgw(['down'], project);
      bare.push(timed(() => composeUntilCall()));
    }
    const status = Array.from({ length: ROUNDS * 2 }, () => timed(() => mcpgw(['status'], project)));
    const ratio = median(own) / median(bare);
    process.stdout.write(`| what | × Compose | median | aim |\n|---|---|---|---|\n`);
    process.stdout.write(
      `| \`docker compose up -d\`, then \`mcpgw call\` until it succeeds | 1.00 | ${ms(bare)} | |\n`,
    );
    process.stdout.write(`| \`mcpgw up\`, which ends with real calls | ${ratio.toFixed(2)} | ${ms(own)} | ≤ 1.10 |\n`);
    process.stdout.write(`| \`mcpgw status\` | | ${ms(status)} | < 300 ms |\n`);
  } finally {
    spawnSync(process.execPath, [PROGRAM, 'down', '--volumes', '--yes'], { cwd: project, env });
    rmSync(home, { recursive: true, force: true });
  }
}

/** Compose alone, and a loop around one call with the stored token: the least that proves the same. */
function composeUntilCall(): void {
  run('docker', ['compose', 'up', '-d', '--quiet-pull'], project);
  for (let attempt = 0; attempt < 200; attempt++) {
    const { status } = spawnSync(process.execPath, [PROGRAM, 'call', 'whoami', 'whoami', '--as', 'member'], {
      cwd: project,
      env,
    });
    if (status === 0) return;
  }
  throw new Error('no call succeeded');
}

function mcpgw(words: readonly string[], cwd: string): void {
  run(process.execPath, [PROGRAM, ...words], cwd);
}

function run(file: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(file, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
}

function ms(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms`;
}
