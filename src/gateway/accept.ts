/** How a refusal is rendered. `none`: the client accepts neither, and a browser it is not. */
export interface Preference {
  /** JSON is strictly better than HTML for the client. */
  json: boolean;
  /** HTML is among the best matches: a browser, a wildcard, or nothing said. */
  html: boolean;
}

const NOTHING_SAID: Preference = { json: false, html: true };
const seen = new Map<string, Preference>();
const SEEN_LIMIT = 256;

/** Pomerium v0.33.1 authorize/check_response.go: JSON only where it beats HTML; a tie goes to the page. */
export function preferenceOf(accept: string | undefined): Preference {
  if (accept === undefined || accept.trim() === '') return NOTHING_SAID;
  const known = seen.get(accept);
  if (known) return known;
  const json = qualityOf(accept, 'application', 'json');
  const html = qualityOf(accept, 'text', 'html');
  const found = { json: json > html, html: html > 0 && html >= json };
  if (seen.size < SEEN_LIMIT) seen.set(accept, found);
  return found;
}

/** The quality (RFC 9110 §12.5.1) by the most specific range that matches. */
function qualityOf(accept: string, type: string, subtype: string): number {
  let quality = 0;
  let best = -1;
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const rank = [`*/*`, `${type}/*`, `${type}/${subtype}`].indexOf(name);
    if (rank <= best) continue;
    best = rank;
    const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    quality = Number.isFinite(q) ? q : 1;
  }
  return quality;
}
