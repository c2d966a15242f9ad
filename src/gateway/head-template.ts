import { headLines } from './client/plain-response.ts';
import type { ResponseRules, TranslatedHead } from './response-rules.ts';

/** What differs from answer to answer when the upstream's head does not. */
export interface HeadValues {
  contentLength: string;
  serviceTime: string;
  date: string;
  requestId: string;
}

const SLOTS: HeadValues = { contentLength: '\0l', serviceTime: '\0t', date: '\0d', requestId: '\0r' };
const BY_MARK: Record<string, keyof HeadValues> = { l: 'contentLength', t: 'serviceTime', d: 'date', r: 'requestId' };

/** The complete header list of an answer: the upstream's, then what the gateway adds. */
export function completeHead(translated: TranslatedHead, rules: ResponseRules, values: HeadValues): string[] {
  const { headers } = translated;
  headers.push('x-envoy-upstream-service-time', values.serviceTime);
  for (const text of rules.added) headers.push(text);
  if (!translated.hasDate) headers.push('date', values.date);
  headers.push('server', 'envoy', 'x-request-id', values.requestId);
  return headers;
}

/** A head of HTTP/1.1 as text, with gaps for what changes. */
export class HeadTemplate {
  readonly rules: ResponseRules;
  readonly #start: string;
  readonly #gaps: { slot: keyof HeadValues; text: string }[] = [];

  constructor(status: number, translated: TranslatedHead, rules: ResponseRules) {
    this.rules = rules;
    const headers = completeHead({ ...translated, headers: [...translated.headers] }, rules, SLOTS);
    const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
    // No header value holds a NUL, so that the marks are seen for what they are.
    if (at !== -1) headers[at + 1] = SLOTS.contentLength;
    const [start = '', ...rest] = headLines(status, headers).text.split('\0');
    this.#start = start;
    for (const part of rest) this.#gaps.push({ slot: BY_MARK[part.charAt(0)] ?? 'date', text: part.slice(1) });
  }

  /** Without the empty line. */
  textWith(values: HeadValues): string {
    let text = this.#start;
    for (const gap of this.#gaps) text += values[gap.slot] + gap.text;
    return text;
  }
}
