import type { RouteStatus, ServiceStatus, SignedInUser, StackStatus } from '../../stack/engine.ts';
import { plainLine } from '../../plain-text.ts';
import { localTime } from '../local-time.ts';
import type { Style } from '../style.ts';
import { padEnd, table, truncate, widthOf, wrap } from '../table.ts';

const LABEL = 14;
/** As Docker shortens it: `sha256:` and twelve digits. */
const SHORT_DIGEST = 19;
/** Lines on the screen for one of a log. */
const SAID = 4;

/** `mcpgw status`: what runs, where, for whom. */
export function statusScreen(status: StackStatus, style: Style): string {
  const sections = [
    [headline(status, style)],
    status.state === 'stopped' ? [] : serviceLines(status.services, style),
    routeLines(status.routes, style),
    factLines(status, style),
    nextLines(nextOfStatus(status), style),
  ];
  return `${joinSections(sections)}\n`;
}

/** Sections with an empty line between; empty ones are left out. */
export function joinSections(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline({ project, state, pid, version, startedAt, engine }: StackStatus, style: Style): string {
  const name = style.bold(project.name);
  if (state === 'stopped') return `${name}   ${style.warn('not running')}`;
  const since = startedAt === undefined ? '' : ` since ${localTime(new Date(startedAt))}`;
  const process = pid === undefined ? '' : `, mcpgw ${version ?? '?'}, pid ${pid}`;
  const about = style.dim(`${engine} engine${process}`);
  const words = { running: style.ok('running'), starting: style.warn('starting'), unhealthy: style.bad('not healthy') };
  return `${name}   ${words[state]}${since}   ${about}`;
}

function serviceLines(services: readonly ServiceStatus[], style: Style): string[] {
  const rows = services.map((service) => {
    const isWell = service.health === 'healthy';
    const mark = isWell ? style.ok('✓') : service.state === 'starting' ? style.warn('…') : style.bad('✗');
    const restarts =
      service.restarts > 0 ? `restarted ${service.restarts === 1 ? 'once' : `${service.restarts} times`}` : '';
    const detail = [service.detail ?? '', restarts].filter((text) => text !== '').join('; ');
    const place = [service.address ?? '', restarts].filter((text) => text !== '').join('   ');
    return [`${mark} ${service.name}`, service.state, isWell ? place : detail];
  });
  return table(rows, style.width);
}

/** One route a line; who may use it goes on below when it does not fit. */
export function routeLines(routes: readonly RouteStatus[], style: Style): string[] {
  const known = routes.some((route) => route.tools !== undefined);
  const rows = routes.map(({ name, url, tools }) => [
    name,
    url,
    ...(known ? [tools === undefined ? '' : `${tools} tool${tools === 1 ? '' : 's'}`] : []),
  ]);
  const columns = [0, 1, 2].map((i) => Math.max(0, ...rows.map((row) => widthOf(row[i] ?? ''))));
  return routes.flatMap(({ who }, i) => {
    const cells = (rows[i] ?? []).map((cell, column) => padEnd(cell, columns[column] ?? 0));
    const before = `${cells.join('   ')}   `;
    const [first = '', ...rest] = wrap(who, Math.max(16, style.width - widthOf(before)));
    return [`${before}${first}`, ...rest.map((line) => `${' '.repeat(widthOf(before))}${line}`)];
  });
}

function factLines({ certificate, services, users, pending, state }: StackStatus, style: Style): string[] {
  if (state === 'stopped') return [];
  const facts: [string, string][] = [];
  if (certificate)
    facts.push(['Certificate', `${certificate.issuer}, valid until ${certificate.expiresAt.slice(0, 10)}`]);
  const images = new Map(services.flatMap(({ image }) => (image ? [[image.name, image.digest] as const] : [])));
  for (const [i, [name, digest]] of [...images].entries())
    facts.push([i === 0 ? 'Images' : '', `${name} ${style.dim(digest.slice(0, SHORT_DIGEST))}`]);
  for (const [i, user] of users.entries()) facts.push([i === 0 ? 'Signed in' : '', userText(user)]);
  for (const [i, text] of pending.entries()) facts.push([i === 0 ? 'Not in force' : '', text]);
  return facts.flatMap(([label, text]) => {
    const [first = '', ...rest] = wrap(text, style.width - LABEL);
    return [`${style.dim(padEnd(label, LABEL))}${first}`, ...rest.map((line) => `${' '.repeat(LABEL)}${line}`)];
  });
}

function userText(user: SignedInUser): string {
  if ('seenAt' in user) return `${user.email}, last call ${localTime(new Date(user.seenAt))}`;
  const { email, expiresAt, sessions } = user;
  return `${email} until ${localTime(new Date(expiresAt))}${sessions > 1 ? ` (${sessions} sessions)` : ''}`;
}

function nextOfStatus({ state, pending, services }: StackStatus): [string, string][] {
  if (state === 'stopped') return [['mcpgw up', 'start it']];
  const ill = services.find((service) => service.health !== 'healthy');
  return [
    ...(pending.length > 0 ? [['mcpgw up', 'bring it up to date'] as [string, string]] : []),
    ...(ill ? [[`mcpgw logs ${ill.name}`, 'see why'] as [string, string]] : []),
  ];
}

/** What to type next, with what it does. */
export function nextLines(commands: readonly (readonly [string, string])[], style: Style): string[] {
  return table(commands.map(([command, what]) => [command, style.dim(what)])).map(
    (line, i) => `${i === 0 ? 'Next    ' : '        '}${line}`,
  );
}

/** Services that are not well, with what they said last. */
export function unhealthyLines(
  services: readonly { name: string; detail: string; lastLines: readonly string[] }[],
  style: Style,
): string[] {
  return services.flatMap(({ name, detail, lastLines }) => [
    ...wrap(`${name}: ${detail}`, style.width - 2).map((line, i) => `${i === 0 ? style.bad('✗') : ' '} ${line}`),
    ...lastLines.flatMap((line) => saidLines(line, style.width - 4)).map((line) => style.dim(`    ${line}`)),
  ]);
}

/** The reason often stands at the end of a line, so it is broken and not cut; only its first lines are shown. */
function saidLines(text: string, width: number): string[] {
  return wrap(plainLine(text), width)
    .slice(0, SAID)
    .map((line) => truncate(line, width));
}
