import type { SecretsList, SecretsResult } from '../../commands/secrets.ts';
import type { Style } from '../style.ts';
import { table, wrap } from '../table.ts';

const DAY = 86_400_000;

/** `mcpgw secrets`: names, uses and ages, or what a rotation ends. Values are never shown. */
export function secretsScreen(result: SecretsResult, style: Style): string {
  if (result.kind === 'listed') return listScreen(result, style);
  const { kind, secrets, notes } = result;
  const mark = kind === 'rotated' ? `${style.ok('✓')} ` : '';
  const lines = secrets.flatMap(({ name, ends }) => [
    `${mark}${style.bold(name)}`,
    ...wrap(`ends ${ends}`, style.width - 4).map((line) => `    ${line}`),
  ]);
  const told = notes.flatMap((note) => wrap(`! ${note}`, style.width));
  const closing = {
    planned: ['', 'Nothing was changed.'],
    kept: ['', 'Nothing was changed.'],
    rotated: ['', 'Next    mcpgw up   brings the new values into force'],
  }[kind];
  return `${[...lines, ...(told.length > 0 ? ['', ...told] : []), ...closing].join('\n')}\n`;
}

function listScreen({ secrets, now }: SecretsList, style: Style): string {
  const rows = secrets.map((secret) => [
    secret.name,
    secret.hasValue ? age(Date.parse(secret.since), now) : 'not set',
    secret.rotatable ? 'mcpgw' : 'others',
    secret.usedBy.join(', ') || '-',
  ]);
  const lines = table([['SECRET', 'AGE', 'MADE BY', 'USED BY'], ...rows], style.width);
  const overridden = secrets.filter((secret) => secret.overridden).map(({ name }) => name);
  const note = overridden.length > 0 ? ['', `! set in this shell, which beats .env: ${overridden.join(', ')}`] : [];
  return `${[...lines, ...note].join('\n')}\n`;
}

function age(since: number, now: number): string {
  const days = Math.floor((now - since) / DAY);
  if (days < 1) return 'today';
  return days === 1 ? '1 day' : `${days} days`;
}
