import { stripVTControlCharacters } from 'node:util';
import { plainLine } from '../../plain-text.ts';
import type { LogLine } from '../../stack/logs/log-line.ts';
import { PROBE_AGENT } from '../../stack/probe-agent.ts';
import type { Style } from '../style.ts';
import { padEnd } from '../table.ts';

/** Decisions kept until their request ends; beyond it the oldest is forgotten. */
const MAX_WAITING = 1_000;
const SERVICE_WIDTH = 12;
/** Characters of one value; what callers send ends up in the logs, and is shown to whoever reads them. */
const LONGEST = 4_000;
/** What a client asks of the gateway itself before and between its calls: sign-in, metadata, probes. */
const CONTROL_PATH = /^\/(\.pomerium|\.well-known|oauth2\/callback|ping|healthz)(\/|$|\?)/;
/** Fields that every line has, or that are told in words. */
const TOLD = new Set(['time', 'level', 'message', 'stream', 'server-name', 'service', 'stack']);

/** Lines of the logs as people read them. The gateway's two lines of one request, decision and end, become one. */
export class LogFormatter {
  readonly #style: Style;
  readonly #accessOnly: boolean;
  readonly #palette: ((text: string) => string)[];
  readonly #colours = new Map<string, (text: string) => string>();
  readonly #waiting = new Map<string, LogLine>();
  readonly #toldAsOpen = new Set<string>();

  /** `accessOnly`: nothing but who called what. */
  constructor(style: Style, accessOnly = false) {
    this.#style = style;
    this.#accessOnly = accessOnly;
    this.#palette = [(word) => style.ok(word), (word) => style.warn(word), (word) => style.bold(word)];
  }

  /** The text of a line; undefined when it is told together with a later one. */
  format(line: LogLine): string | undefined {
    const { fields } = line;
    if (!fields) {
      if (this.#accessOnly) return undefined;
      return this.#layOut(line, plainLine(stripVTControlCharacters(line.raw), LONGEST));
    }
    const id = text(fields['request-id']);
    if (fields['message'] === 'authorize check' && id !== '') {
      const [oldest = ''] = this.#waiting.size >= MAX_WAITING ? this.#waiting.keys() : [];
      this.#forget(oldest);
      this.#waiting.set(id, line);
      return undefined;
    }
    if (fields['message'] !== 'http-request')
      return this.#accessOnly ? undefined : this.#layOut(line, plain(fields, this.#style));
    const decision = this.#waiting.get(id)?.fields;
    this.#forget(id);
    if (fields['user-agent'] === PROBE_AGENT) return undefined;
    if (this.#accessOnly && CONTROL_PATH.test(text(fields['path']))) return undefined;
    return this.#layOut(line, `${whatOf(fields, decision, this.#style)}  ${endOf(fields, this.#style)}`);
  }

  /** Decisions whose request has not ended, each once: an event stream may be open for hours. */
  waiting(): string[] {
    const fresh = [...this.#waiting].filter(
      ([id, { fields }]) =>
        !this.#toldAsOpen.has(id) && !(this.#accessOnly && CONTROL_PATH.test(text(fields?.['path']))),
    );
    for (const [id] of fresh) this.#toldAsOpen.add(id);
    const open = this.#style.dim('open');
    return fresh.map(([, line]) => this.#layOut(line, `${decided(line.fields ?? {}, this.#style)}  ${open}`));
  }

  #forget(id: string): void {
    this.#waiting.delete(id);
    this.#toldAsOpen.delete(id);
  }

  #layOut({ time, service }: LogLine, text: string): string {
    const colour = this.#colours.get(service) ?? this.#palette[this.#colours.size % this.#palette.length] ?? String;
    this.#colours.set(service, colour);
    return `${this.#style.dim(clock(time))} ${colour(padEnd(service, SERVICE_WIDTH))} ${text}`;
  }
}

function whatOf(
  fields: Readonly<Record<string, unknown>>,
  decision: Readonly<Record<string, unknown>> | undefined,
  style: Style,
): string {
  if (decision) return decided(decision, style);
  return `${text(fields['method'])} ${text(fields['authority'])}${text(fields['path'])}`;
}

/** Status and duration. */
function endOf(fields: Readonly<Record<string, unknown>>, style: Style): string {
  const code = Number(fields['response-code']);
  const took = `${Math.round(Number(fields['duration'] ?? 0))} ms`;
  return `${code >= 500 ? style.bad(String(code)) : code}  ${style.dim(took)}`;
}

/** Who, where, which method and tool, and what was decided. */
function decided(fields: Readonly<Record<string, unknown>>, style: Style): string {
  const who = text(fields['email']) || text(fields['user']) || '-';
  const where = text(fields['host']).split('.')[0] ?? '';
  const method = text(fields['mcp-method']);
  const what = method
    ? `${method} ${text(fields['mcp-tool'])}`.trim()
    : `${text(fields['method'])} ${text(fields['path'])}`;
  return `${who}  ${where}  ${what}  ${verdict(fields, style)}`;
}

function verdict(fields: Readonly<Record<string, unknown>>, style: Style): string {
  if (fields['allow'] === true && fields['deny'] !== true) return style.ok('allowed');
  const reasons = fields['deny'] === true ? fields['deny-why-true'] : fields['allow-why-false'];
  const words = Array.isArray(reasons) ? reasons.map(String) : [];
  if (words.includes('user-unauthenticated')) return style.warn('refused: not signed in');
  return style.bad(`refused${words.length > 0 ? `: ${words.join(', ')}` : ''}`);
}

function plain(fields: Readonly<Record<string, unknown>>, style: Style): string {
  const message = text(fields['message']);
  const level = text(fields['level']);
  const shown = level === 'error' ? style.bad(message) : level === 'warn' ? style.warn(message) : message;
  const others = Object.entries(fields)
    .filter(([name, value]) => !TOLD.has(name) && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${text(value)}`);
  return others.length > 0 ? `${shown}  ${style.dim(others.join(' '))}` : shown;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return plainLine(typeof value === 'string' ? value : JSON.stringify(value), LONGEST);
}

/** `14:02:11.123`, in the reader's own time zone. */
function clock(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) =>
    String(value).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
