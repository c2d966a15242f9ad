/** What a terminal obeys or turns around instead of showing it: C0, DEL, C1, and the overrides of writing direction. */
const UNSHOWN = /[^\t\n\x20-\x7e\u00a0-\uffff]|[\u202a-\u202e\u2066-\u2069]/g;

/** Text of somebody else for the terminal: line ends and tabs stay, other control characters become blanks. */
export function plainText(text: string): string {
  return text.replace(UNSHOWN, ' ');
}

/** The same on one line, and not endless. */
export function plainLine(text: string, limit = 300): string {
  return plainText(text)
    .replaceAll(/[\t\n]/g, ' ')
    .slice(0, limit);
}
