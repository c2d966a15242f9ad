import type { Result, StreamResult } from './measure.ts';
import type { PolicyFigures } from './policy.ts';
import type { RoutesFigure } from './routes.ts';
import type { StormFigures } from './storm.ts';

export interface Row {
  name: string;
  connections: number;
  /** A package of npm that does a part of the same. */
  isPeer: boolean;
  results: readonly Result[];
}

export type StreamRow = StreamResult & { name: string; count: number };

/** What the aims are about: the gateway's calls a second, divided round by round by those of nginx, the pipe and the best npm peer. */
export function ratioTable(rows: readonly Row[]): string {
  const connections = [...new Set(rows.map((row) => row.connections))];
  const lines = connections.map((count) => {
    const of = (start: string): Row | undefined =>
      rows.find((row) => row.connections === count && row.name.startsWith(start));
    const peers = rows.filter((row) => row.connections === count && row.isPeer);
    const best = peers.toSorted((a, b) => median(ratesOf(b)) - median(ratesOf(a)))[0];
    const gateway = of('gateway');
    const to = (other: Row | undefined): string => show(ratio(gateway, other), 2);
    return [String(count), to(of('nginx')), to(of('bare')), show(ratio(of('bare'), of('nginx')), 2), to(best)];
  });
  const head = ['connections', 'gateway / nginx', 'gateway / pipe', 'pipe / nginx', 'gateway / best npm peer'];
  return `### Ratios\n\n${table(head, lines)}`;
}

const ratesOf = (row: Row | undefined): number[] => (row?.results ?? []).map(({ rate }) => rate);

function ratio(one: Row | undefined, other: Row | undefined): number {
  const others = ratesOf(other);
  return median(ratesOf(one).map((rate, round) => rate / (others[round] ?? Number.NaN)));
}

/** The ratio comes first: to nginx, round by round, then the median. */
export function callTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const nginx = rows.find(({ name, connections }) => name.startsWith('nginx') && connections === row.connections);
    const ratios = row.results.map(({ rate }, round) => rate / (nginx?.results[round]?.rate ?? Number.NaN));
    const of = (field: keyof Result): number => median(row.results.map((result) => result[field]));
    return [
      String(row.connections),
      row.name,
      show(median(ratios), 2),
      show(of('rate'), 0),
      show(of('p50'), 2),
      show(of('p99'), 2),
      show(of('cpu'), 0),
      show(of('residentKb') / 1_024, 0),
    ];
  });
  const head = ['connections', 'through', 'of nginx', 'calls/s', 'p50 ms', 'p99 ms', 'CPU µs a call', 'memory MB'];
  return `### Tool calls\n\n${table(head, lines)}`;
}

export function streamTable(rows: readonly StreamRow[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(({ name, count, beforeKb, withKb, liveKb = [Number.NaN, Number.NaN, Number.NaN] }) => [
    String(count),
    name,
    show((withKb - beforeKb) / count, 0),
    show(beforeKb / 1_024, 0),
    show(withKb / 1_024, 0),
    ...liveKb.map((kb) => show(kb / 1_024, 1)),
  ]);
  const resident = ['KB each', 'MB without', 'MB with'];
  const head = ['event streams', 'through', ...resident, 'in use before, MB', 'with', 'after they closed'];
  return `### Idle event streams\n\n${table(head, lines)}`;
}

export function startTable(times: readonly number[]): string {
  if (times.length === 0) return '';
  return `### Start\n\nThe gateway's MCP route answers its challenge ${show(median(times), 0)} ms after the process was started.`;
}

/** Calls with the user's upstream token put in beside the same calls without, round by round. */
export function upstreamTokenTable(rows: readonly Row[]): string {
  const plain = rows[0];
  const lines = rows.map((row) => {
    const of = (field: keyof Result): number => median(row.results.map((result) => result[field]));
    return [row.name, show(ratio(row, plain), 2), show(of('rate'), 0), show(of('p99'), 2), show(of('cpu'), 0)];
  });
  return `### Upstream tokens\n\n${table(['route', 'of the plain one', 'calls/s', 'p99 ms', 'CPU µs a call'], lines)}`;
}

export function stormTable({ clients, storms, refreshes, expired, fresh }: StormFigures): string {
  const lines = [['good', fresh] as const, ['expired', expired] as const].map(([name, volleys]) => {
    const times = (share: number): number[] => volleys.map((volley) => quantile(volley, share));
    const ratios = (share: number): number[] => times(share).map((time, i) => time / quantile(fresh[i] ?? [], share));
    return [
      name,
      show(median(ratios(0.5)), 2),
      show(median(ratios(1)), 2),
      show(median(times(0.5)), 1),
      show(median(times(1)), 1),
    ];
  });
  const head = ['upstream token', 'p50, of the good one', 'last answer, of the good one', 'p50 ms', 'last answer ms'];
  return `### Refresh storms

${clients} clients of one user call at the same moment; ${storms} times, and ${refreshes} refreshes at the authorization server.

${table(head, lines)}`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A policy beside the plainest one: of a decision alone, and of calls through the gateway, round by round. */
export function policyTable({ decisions, rows }: PolicyFigures): string {
  const plain = rows[0];
  const lines = rows.map((row, i) => {
    const decision = decisions[i] ?? { first: Number.NaN, again: Number.NaN };
    const of = (field: keyof Result): number => median(row.results.map((result) => result[field]));
    return [
      row.name,
      show(ratio(row, plain), 2),
      show(of('rate'), 0),
      show(of('cpu'), 0),
      show(decision.first, 0),
      show(decision.again, 0),
    ];
  });
  const head = ['policy', 'of the plain one', 'calls/s', 'CPU µs a call', 'ns a new decision', 'ns the same again'];
  return `### Policies\n\n${table(head, lines)}`;
}

/** Many routes beside few, round by round. */
export function routesTable(figures: readonly RoutesFigure[]): string {
  const few = figures[0];
  const lines = figures.map((figure) => [
    figure.name,
    show(ratio(figure, few), 2),
    show(median(ratesOf(figure)), 0),
    show(median(figure.results.map(({ p99 }) => p99)), 2),
    show(median(figure.starts), 0),
    show(median(figure.reloads), 0),
    show(median(figure.residentKb) / 1_024, 0),
  ]);
  const head = ['routes', 'of the rate with few', 'calls/s', 'p99 ms', 'start ms', 'reload ms', 'memory MB'];
  return `### Routes\n\n${table(head, lines)}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function show(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index < 2 ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
