const DATE_TYPES = new Set(['DATE', 'DATETIME', 'TIMESTAMP']);
const DATE_TEXT = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?(Z|[+-]\d{2}:\d{2})?$/;

/** Whether the public server shows texts in a column of this declared type as points in time. */
export function isDateType(declared: string | null): boolean {
  return declared !== null && DATE_TYPES.has(declared.toUpperCase());
}

/** A date in the form of Go's time.Time.String(), which the public server answers with; other texts stay as they are. */
export function toGoDate(text: string): string {
  const match = DATE_TEXT.exec(text);
  const [, date = '', clock = '00:00', seconds = '00', zone = 'Z'] = match ?? [];
  if (!match || Number.isNaN(Date.parse(`${date}T${clock}:00Z`)) || !isCalendarDay(date)) return text;
  const trimmed = seconds.includes('.') ? seconds.replace(/\.?0+$/, '') : seconds;
  const isUtc = zone === 'Z' || zone === '+00:00';
  return `${date} ${clock}:${trimmed} ${isUtc ? '+0000 UTC' : `${zone.replace(':', '')} ${zone.replace(':', '')}`}`;
}

/** `Date` takes 31 February for 3 March. */
function isCalendarDay(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}
