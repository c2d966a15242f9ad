import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { createSubject, lint } from '../src/lint/index.ts';
import { argument, timed } from './common.ts';
import { median } from './gateway/tables.ts';

/*
 * `mcpgw lint` on 1,000 routes: the whole command beside a bare Node, and its work alone beside the YAML library's, which reads the same
 * text. Needs a build in dist/. `node bench/lint.ts [--rounds 9]`
 */

const PROGRAM = join(import.meta.dirname, '../bin/mcpgw.js');
const ROUNDS = Number(argument('--rounds') ?? 9);
const ROUTES = 1_000;

const folder = mkdtempSync(join(tmpdir(), 'mcpgw-bench-lint-'));
const file = join(folder, 'pomerium-config.yaml');
const text = `mcp_allowed_client_id_domains: [claude.ai]\nroutes:\n${Array.from({ length: ROUTES }, (_, i) => route(i)).join('')}`;

try {
  writeFileSync(file, text);
  const bare = repeat(() => timed(() => spawnSync(process.execPath, ['-e', '0'])));
  const whole = repeat(() => timed(() => spawnSync(process.execPath, [PROGRAM, 'lint', '--json'], { cwd: folder })));
  const yaml = repeat(() => timed(() => parse(text) as unknown));
  const work = repeat(() => timed(() => lint(createSubject(subject()))));
  const [first = 0] = work;
  process.stdout.write(`| what, ${ROUTES} routes | ratio | median | aim |\n|---|---|---|---|\n`);
  process.stdout.write(`| \`node -e 0\` | 1.00 | ${ms(bare)} | |\n`);
  process.stdout.write(`| \`mcpgw lint\`, start to end | ${ratio(whole, bare)} × bare Node | ${ms(whole)} | |\n`);
  process.stdout.write(`| the YAML library alone, same text | 1.00 | ${ms(yaml)} | |\n`);
  process.stdout.write(
    `| reading, rules, findings, in one process | ${ratio(work, yaml)} × the library | ${ms(work)} | < 300 ms |\n`,
  );
  process.stdout.write(`| the same, the first time in a process | | ${first.toFixed(0)} ms | |\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function route(number: number): string {
  return `  - from: https://r${number}.example.net
    to: http://mcp-servers:8080/whoami
    pass_identity_headers: true
    mcp: {server: {}}
    policy: [{allow: {and: [{authenticated_user: true}]}}]
`;
}

function subject(): Parameters<typeof createSubject>[0] {
  return { config: { file: 'pomerium-config.yaml', text }, variables: {}, exists: () => true };
}

function repeat(measure: () => number): number[] {
  return Array.from({ length: ROUNDS }, measure);
}

function ratio(values: readonly number[], base: readonly number[]): string {
  return (median(values) / median(base)).toFixed(2);
}

function ms(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms`;
}
