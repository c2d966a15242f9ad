import type { Result, StreamResult } from './measure.ts';

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
  const lines = rows.map(({ name, count, beforeKb, withKb }) => [
    String(count),
    name,
    show((withKb - beforeKb) / count, 0),
    show(beforeKb / 1_024, 0),
    show(withKb / 1_024, 0),
  ]);
  const head = ['event streams', 'through', 'KB each', 'MB without', 'MB with'];
  return `### Idle event streams\n\n${table(head, lines)}`;
}

export function startTable(times: readonly number[]): string {
  if (times.length === 0) return '';
  return `### Start\n\nThe gateway's MCP route answers its challenge ${show(median(times), 0)} ms after the process was started.`;
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
