import type { RestartResult } from '../../commands/restart.ts';
import type { Style } from '../style.ts';
import { joinSections, routeLines, unhealthyLines } from './status.ts';

/** `mcpgw restart`: what was restarted, and what did not come back. */
export function restartScreen({ restarted, unhealthy, status }: RestartResult, style: Style): string {
  const sections = [
    [`${style.ok('✓')} restarted ${restarted.join(', ')}`],
    unhealthyLines(unhealthy, style),
    routeLines(status.routes, style),
  ];
  return `${joinSections(sections)}\n`;
}
