/**
 * Control characters, text that overrides its direction, and the invisible tag characters: none of them is content, and all can hide
 * from a reader what a model is told. Newline and tab stay.
 */
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** Text of a provider as it may be handed on. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(UNSEEN, '').toWellFormed();
}

/** On one line and short, for names and messages. */
export function line(text: string, longest = 300): string {
  return cut(clean(text).replaceAll(/\s+/g, ' ').trim(), longest);
}

/** The first `longest` characters; a pair of surrogates stays whole. */
export function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
