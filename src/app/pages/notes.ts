import type { Failure } from '../failure.ts';
import { markup, type Html } from '../html.ts';

export interface Note {
  tone: 'good' | 'warn' | 'bad';
  title: string;
  text: readonly string[];
  /** What can be done about it. */
  action?: Html;
}

const SIGNS = { good: '✓', warn: '!', bad: '✗' } as const;

/** A box of its own that says what happened; screen readers speak it at once. */
export function note({ tone, title, text, action }: Note): Html {
  return markup`<div class="note ${tone}" role="${tone === 'good' ? 'status' : 'alert'}">
<h2>${SIGNS[tone]} ${title}</h2>
${text.map((line) => markup`<p>${line}</p>`)}
${action && markup`<p>${action}</p>`}
</div>`;
}

export function failureNote({ title, text, kind, requestId }: Failure, action?: Html): Html {
  const id = requestId === undefined ? [] : [`Its log has the reason under request ${requestId}.`];
  const tone = kind === 'sign-in' || kind === 'denied' || kind === 'tool-input' ? 'warn' : 'bad';
  return note({ tone, title, text: [text, ...id], ...(action ? { action } : {}) });
}

export function backHome(): Html {
  return markup`<p><a href="/">All servers</a></p>`;
}
