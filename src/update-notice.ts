import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ctx } from './context.ts';
import { stateFolder } from './context-node.ts';
import { VERSION } from './version.ts';

const DAY = 24 * 60 * 60 * 1000;
const FILE = 'newest-version.json';
const SCRIPT = `
const { execFile } = require('node:child_process');
const { mkdirSync, writeFileSync, renameSync } = require('node:fs');
const [file, now] = process.argv.slice(1);
execFile('npm', ['view', 'create-mcp-gateway', 'version'], { timeout: 10000 }, (error, out) => {
  mkdirSync(require('node:path').dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file + '.new', JSON.stringify({ checkedAt: Number(now), version: error ? '' : out.trim() }));
  renameSync(file + '.new', file);
});`;

/**
 * Says once a day, after the result, that a newer version exists. The question is put to npm by a process of its own, so a
 * command never waits for it; the answer is shown by a later run. Never in CI, without a terminal, or with --json.
 */
export async function noticeUpdate(ctx: Ctx): Promise<void> {
  const { env } = ctx;
  if (!ctx.interactive || env['MCPGW_NO_UPDATE_NOTIFIER'] || env['NO_UPDATE_NOTIFIER']) return;
  const file = join(stateFolder(env, process.platform), FILE);
  const known = await readKnown(file);
  if (!known || ctx.now() - known.checkedAt > DAY) {
    spawn(process.execPath, ['-e', SCRIPT, file, String(ctx.now())], { detached: true, stdio: 'ignore' }).unref();
  }
  if (!known || !isNewer(known.version, VERSION)) return;
  ctx.note(`mcpgw ${known.version} is out (this is ${VERSION}): npm install --global create-mcp-gateway`);
}

async function readKnown(file: string): Promise<{ checkedAt: number; version: string } | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { checkedAt, version } = JSON.parse(text) as { checkedAt: unknown; version: unknown };
    if (typeof checkedAt === 'number' && typeof version === 'string') return { checkedAt, version };
  } catch {
    // A damaged cache is thrown away below and asked for again.
  }
  await rm(file, { force: true });
  return undefined;
}

export function isNewer(candidate: string, current: string): boolean {
  const [a, b] = [candidate, current].map((text) => text.split('-')[0]?.split('.').map(Number) ?? []);
  for (let i = 0; i < 3; i += 1) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
