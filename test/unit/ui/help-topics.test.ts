import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { FAULTS } from '../../../src/gateway/index.ts';
import { TOPICS } from '../../../src/ui/help-topics.ts';

const SOURCE = resolve(import.meta.dirname, '../../../src');
/** They read what containers get: Pomerium's variables are every key of its file, and each image has its own. */
const FOREIGN = ['pomerium', 'lint', 'adopt'];
const TEXT = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !FOREIGN.some((folder) => file.startsWith(`${folder}/`)))
  .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
  .join('\n');

/** A container's variables, `service.environment['X']`, are its own. How one of ours is read: `env['X']`, `given('X')`, `pick(value, 'X')`, `numberFrom(env, 'X')`, `env: 'X'` of a question. */
const READ =
  /(?:(?<!service\??\.)\benv(?:ironment)?\[|\bgiven\(|\bpick\([^()]*, |\bnumberFrom\(env, |\benv: )'([A-Z][A-Z0-9_]+)'/g;

/** For this program's own processes only; nobody is meant to set it. */
const INTERNAL = ['POSTGRES_USER', 'MCPGW_PROGRAM'];

test('help environment names every variable that the source reads', () => {
  const read = [...new Set([...TEXT.matchAll(READ)].map((match) => match[1] ?? ''))];
  expect(read.length).toBeGreaterThan(40);
  const text = TOPICS['environment']?.text ?? '';
  expect(read.filter((name) => !new RegExp(`\\b${name}\\b`).test(text) && !INTERNAL.includes(name))).toEqual([]);
});

test('help environment names no variable that nothing reads', () => {
  const [own = ''] = (TOPICS['environment']?.text ?? '').split('The gateway itself reads');
  const named = [...own.matchAll(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g)].map((match) => match[0]);
  expect(named.filter((name) => !isRead(name))).toEqual([]);
});

test('help faults names every fault', () => {
  const text = TOPICS['faults']?.text ?? '';
  expect(FAULTS.filter((name) => !text.includes(`  ${name}`))).toEqual([]);
});

/** A question that only a flag answers makes its variable of its name: flagOnly('port', ...). */
function isRead(name: string): boolean {
  return TEXT.includes(`'${name}'`) || TEXT.includes(`flagOnly('${name.replace('MCPGW_', '').toLowerCase()}'`);
}
