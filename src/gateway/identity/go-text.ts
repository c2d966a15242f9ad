/** How Go's standard library writes queries, JSON and HTML: clients and recordings compare them to the character. */

/** url.QueryEscape: only letters, digits and `-_.~` stay; a space becomes `+`. */
export function queryEscape(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** url.Values.Encode: sorted by name, the order of values under one name kept. */
export function encodeQuery(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`)
    .join('&');
}

/** What url.ParseQuery refuses: a broken escape, or a semicolon. */
export function isBrokenQuery(raw: string): boolean {
  return /%(?![0-9a-f]{2})|;/i.test(raw);
}

/** json.Encoder: HTML characters escaped, a line feed at the end. */
export function encodeJson(value: unknown): string {
  return `${JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicodeEscape)}\n`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

/** html.EscapeString. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
}
