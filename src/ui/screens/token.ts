import type { TokenResult } from '../../commands/token.ts';

/** The token and nothing else, in the form that was asked for. */
export function tokenScreen({ format, ...token }: TokenResult): string {
  const header = `${token.tokenType} ${token.accessToken}`;
  if (format === 'header') return `Authorization: ${header}\n`;
  if (format === 'headers') return `${JSON.stringify({ Authorization: header })}\n`;
  if (format === 'json') return `${JSON.stringify({ ok: true, ...token }, null, 2)}\n`;
  return `${token.accessToken}\n`;
}
