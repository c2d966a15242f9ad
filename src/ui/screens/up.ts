import type { UpResult } from '../../commands/up.ts';
import type { StackStatus } from '../../stack/engine.ts';
import type { Style } from '../style.ts';
import { checkLines } from './doctor.ts';
import { joinSections, nextLines, routeLines, statusScreen, unhealthyLines } from './status.ts';

/** `mcpgw up`: what was done, the routes, and what to do with them. The steps were told while they went on. */
export function upScreen(result: UpResult, style: Style): string {
  switch (result.kind) {
    case 'planned':
      return `${(result.steps.length > 0 ? result.steps : ['nothing to do: what runs is what the files want']).join('\n')}\n`;
    case 'begun':
      return 'starting in the background: mcpgw status\n';
    case 'unchanged':
      return `${joinSections([...illSections(result, style), [statusScreen(result.status, style).trimEnd()]])}\n`;
    default: {
      const done = result.kind === 'changed' ? result.steps.map((step) => `${style.ok('✓')} ${step}`) : [];
      const sections = [
        done,
        ...illSections(result, style),
        routeLines(result.status.routes, style),
        nextLines(nextCommands(result), style),
      ];
      return `${result.kind === 'started' ? '\n' : ''}${joinSections(sections)}\n`;
    }
  }
}

type Ended = Extract<UpResult, { status: StackStatus }>;

/** What is not well, and what explains it. */
function illSections({ unhealthy, causes }: Ended, style: Style): string[][] {
  return [unhealthyLines(unhealthy, style), causes.flatMap((cause) => checkLines(cause, { verbose: false, style }))];
}

function nextCommands({ unhealthy, status: { routes, state, services } }: Ended): [string, string][] {
  const ill = services.find((service) => service.health !== 'healthy');
  if (state !== 'running' && ill) return [[`mcpgw logs ${ill.name}`, 'see why']];
  if (unhealthy.length > 0)
    return [
      ['mcpgw doctor', 'look for the cause'],
      ['mcpgw logs', 'see what happened'],
    ];
  const [first] = routes;
  if (!first) return [['mcpgw logs -f', 'watch what happens']];
  return [
    [`mcpgw token ${first.name}`, 'an External Token'],
    [`mcpgw tools ${first.name}`, 'what can be called'],
    ['mcpgw logs -f', 'watch who calls what'],
  ];
}
