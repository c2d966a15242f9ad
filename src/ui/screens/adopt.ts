import type { AdoptionPlan, AdoptResult } from '../../commands/adopt.ts';
import type { Style } from '../style.ts';
import { table, wrap } from '../table.ts';
import { diffLines } from './diff.ts';

/** `mcpgw adopt`: what was found, what becomes of it and why, the change itself, and what is left to a person. */
export function adoptScreen(result: AdoptResult, style: Style): string {
  if (result.kind === 'unchanged') return `${style.ok('✓')} ${result.folder} is a project already: unchanged\n`;
  const closing =
    result.kind === 'adopted'
      ? [`${style.ok('✓')} Written. ${result.folder} is a project.`, '', ...next(result, style)]
      : ['Nothing was written.'];
  // What was shown before the question is not shown again.
  return `${[...(result.kind === 'declined' ? [] : [adoptionText(result, style), '']), ...closing].join('\n')}\n`;
}

/** The plan alone, as it is shown before the question. */
export function adoptionText(plan: AdoptionPlan, style: Style): string {
  const { byHand, advice, afterwards, git } = plan;
  const left = byHand.flatMap(({ what, why }) => [...item(style.warn('!'), what, style), ...reason(why, style)]);
  return [
    ...foundLines(plan, style),
    ...changeLines(plan, style),
    ...section('To be done by hand:', left),
    ...section(
      'To be thought of:',
      [...git, ...advice].flatMap((one) => item(style.warn('!'), one, style)),
    ),
    ...section(
      'And then:',
      afterwards.flatMap((one) => item('-', one, style)),
    ),
  ].join('\n');
}

function foundLines({ folder, found, settings }: AdoptionPlan, style: Style): string[] {
  const { config, compose, gateway, routes, database, servers, ports, signIn } = found;
  const row = (label: string, texts: readonly string[]): string[][] =>
    texts.map((text, i) => [i === 0 ? `  ${style.dim(label)}` : '', text]);
  const kinds = { server: '', client: 'application, ', plain: 'no MCP, ' };
  const rows = [
    ...row('files', [`${config}, ${compose}`]),
    ...row('gateway', [`${gateway.service}, ${gateway.image}`]),
    ...row(
      'routes',
      routes.map(({ name, from, to, kind }) => `${name}: ${kinds[kind]}${from} → ${to}`),
    ),
    ...row(
      'servers',
      servers.map(({ service, image }) => `${service}, ${image}`),
    ),
    ...row(
      'database',
      database ? [`${database.service}, ${database.image}${database.trust ? ', asks for no password' : ''}`] : ['none'],
    ),
    ...row('ports', ports.length > 0 ? [ports.join(', ')] : ['none published']),
    ...row('sign-in', [signIn]),
    ...row('becomes', [`${settings.address}, ${settings.domain}, port ${settings.port}`]),
  ];
  return [`Found in ${style.bold(folder)}`, '', ...table(rows, style.width)];
}

function changeLines({ changes, files, renamed }: AdoptionPlan, style: Style): string[] {
  const told = new Set<string>();
  return files.flatMap(({ path, diff }) => {
    const old = renamed.find(({ to }) => to === path)?.from;
    const own = changes
      .filter(({ file }) => file === path)
      .flatMap(({ what, why }) => {
        const isNew = !told.has(why);
        told.add(why);
        return [...item('·', what, style), ...(isNew ? reason(why, style) : [])];
      });
    const title = `${style.bold(path)}${old === undefined ? '' : `, until now ${old}`}${diff === '' ? ' is added' : ''}`;
    return ['', title, ...own, ...(diff === '' ? [] : diffLines(diff, style))];
  });
}

function next({ remade, warnings }: AdoptionPlan, style: Style): string[] {
  const containers =
    remade.length > 0
      ? `Nothing that runs was touched. \`mcpgw up\` starts what is not running, and makes these containers anew where they run: ${remade.join(', ')}. Volumes stay.`
      : 'Nothing that runs was touched. `mcpgw up` starts what is not running.';
  const more = warnings > 0 ? ` (${warnings} ${warnings === 1 ? 'warning' : 'warnings'})` : '';
  return [
    ...wrap(containers, style.width),
    '',
    `${style.bold('Next')}    mcpgw lint            what could be better${more}`,
    '        mcpgw up --dry-run    what would be done',
    '        mcpgw up              start',
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function item(mark: string, text: string, style: Style): string[] {
  return wrap(text, style.width - 2).map((line, i) => `${i === 0 ? mark : ' '} ${line}`);
}

function reason(why: string, style: Style): string[] {
  return wrap(why, style.width - 2).map((line) => style.dim(`  ${line}`));
}
