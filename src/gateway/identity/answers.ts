import type { HeaderList, Reply } from '../exchange.ts';
import { encodeJson, escapeHtml } from './go-text.ts';

const NO_STORE: HeaderList = [
  ['Cache-Control', 'no-store'],
  ['Pragma', 'no-cache'],
];

/** What Go's http.Redirect writes. The target comes from others, so anything that could end the header is escaped. */
export function redirect(target: string, headers: HeaderList = []): Reply {
  const location = target.toWellFormed().replace(/[^\x21-\x7e]/g, encodeURIComponent);
  return {
    status: 302,
    headers: [['Content-Type', 'text/html; charset=utf-8'], ['Location', location], ...headers],
    body: `<a href="${escapeHtml(location)}">Found</a>.\n\n`,
  };
}

/** A redirect by Pomerium's own pages; it marks itself as Pomerium's and not the upstream's. */
export function interceptedRedirect(target: string, cookies: readonly string[] = []): Reply {
  return redirect(target, [
    ...cookies.map((cookie): [string, string] => ['Set-Cookie', cookie]),
    ['X-Pomerium-Intercepted-Response', 'true'],
  ]);
}

export function json(status: number, value: unknown, options: { noStore?: boolean; newline?: boolean } = {}): Reply {
  const text = encodeJson(value);
  return {
    status,
    headers: [['Content-Type', 'application/json'], ...(options.noStore ? NO_STORE : [])],
    body: options.newline === false ? text.trimEnd() : text,
  };
}
