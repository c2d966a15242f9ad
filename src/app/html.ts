/** Markup that is safe to send: made by `markup` alone, which escapes everything that is put into it. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** For `markup` and constants of this program; text of anybody else goes through `markup`. */
  static of(text: string): Html {
    return new Html(text);
  }
}

/** `undefined` and `false` are nothing. */
export type Insert = Html | string | number | undefined | false | readonly Insert[];

/** A template whose inserts are escaped, in text and in quoted attributes alike. */
export function markup(strings: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  let text = strings[0] ?? '';
  for (const [i, insert] of inserts.entries()) text += textOf(insert) + (strings[i + 1] ?? '');
  return Html.of(text);
}

function textOf(insert: Insert): string {
  if (insert === undefined || insert === false) return '';
  if (insert instanceof Html) return insert.text;
  if (typeof insert === 'string') return escapeHtml(insert);
  if (typeof insert === 'number') return String(insert);
  return insert.map(textOf).join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
