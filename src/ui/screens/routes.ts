import type { RoutesResult } from '../../commands/routes.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

/** `mcpgw routes`: a block for each route, since URLs are longer than columns. */
export function routesScreen({ routes }: RoutesResult, style: Style): string {
  if (routes.length === 0) return 'There are no routes.\n\nNext    mcpgw add whoami\n';
  const blocks = routes.map(({ name, url, to, kind, who, provider }) => {
    const rows = [
      ['to', to.join(', ') || '(answers by itself)'],
      ['kind', kind === 'plain' ? 'no MCP route' : `MCP ${kind}`],
      ['who', who],
      ...(provider === undefined ? [] : [['token of', provider]]),
    ];
    return [`${style.bold(name)}   ${url}`, ...table(rows, style.width - 2).map((line) => `  ${line}`)].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}
