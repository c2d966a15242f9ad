import type { DownResult } from '../../commands/down.ts';
import type { Style } from '../style.ts';

/** `mcpgw down`: what was stopped and deleted. */
export function downScreen({ stopped, cleaned, deleted }: DownResult, style: Style): string {
  const lines: string[] = [];
  if (stopped.length > 0) lines.push(`${style.ok('✓')} stopped ${stopped.join(', ')}`);
  else lines.push('nothing was running');
  if (cleaned) lines.push(`${style.ok('✓')} removed what an engine that had died left behind`);
  if (deleted.length > 0) lines.push(`${style.ok('✓')} deleted ${deleted.join(', ')}: everybody has to sign in again`);
  return `${lines.join('\n')}\n`;
}
