import type { HeaderList, Reply } from '../exchange.ts';
import { escapeHtml } from '../identity/go-text.ts';
import { isLoopback } from './redirect-rules.ts';

/** What a person has to know before a client gets tokens in their name. */
export interface ConsentView {
  /** As the client calls itself; nobody has checked it. */
  clientName: string | undefined;
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  /** The route's host. */
  host: string;
  email: string;
  /** The sealed request; it proves that the form came from here and from this browser. */
  consent: string;
}

/** No script runs, nothing is loaded, and no other site can show the page in a frame of its own (RFC 9700 §4.16). */
const HEADERS: HeaderList = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"],
  ['X-Frame-Options', 'DENY'],
  ['X-Content-Type-Options', 'nosniff'],
];

/** Longer names are cut: what a client calls itself must not push the buttons off the screen. */
const NAME_LENGTH = 80;

export function consentPage(view: ConsentView): Reply {
  const name = shownName(view.clientName);
  const title = `Allow ${name} to use ${view.host}?`;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 36rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
dt { font-weight: 600; margin-top: 0.75rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.warning { border-left: 4px solid #b45309; padding-left: 0.75rem; }
button { font: inherit; padding: 0.5rem 1.25rem; margin: 1.5rem 0.75rem 0 0; }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>You are signed in as <strong>${escapeHtml(view.email)}</strong>. If you allow it, the application can call this server in your name until you sign out or its access expires.</p>
<dl>
<dt>Application</dt><dd>${escapeHtml(name)} (the name is its own; nobody has checked it)</dd>
<dt>Client id</dt><dd><code>${escapeHtml(view.clientId)}</code></dd>
<dt>You will be sent to</dt><dd><code>${escapeHtml(targetOf(view.redirectUri))}</code></dd>
<dt>It asks for</dt><dd>${scopesOf(view.scopes)}</dd>
</dl>
${warning(view.redirectUri)}<form method="post" action="/.pomerium/mcp/consent">
<input type="hidden" name="consent" value="${escapeHtml(view.consent)}">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>
</main>
</body>
</html>
`;
  return { status: 200, headers: HEADERS, body };
}

/** Without what turns the direction of text or is not seen: a name must not look like another. */
function shownName(name: string | undefined): string {
  const plain = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  if (plain === '') return 'an application without a name';
  const letters = Array.from(plain);
  return letters.length > NAME_LENGTH ? `${letters.slice(0, NAME_LENGTH).join('')}…` : plain;
}

/** The host decides whom the code goes to; of a private-use scheme, the scheme does. */
function targetOf(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return protocol === 'https:' || protocol === 'http:' ? `${protocol}//${host}` : protocol;
}

function scopesOf(scopes: readonly string[]): string {
  if (scopes.length === 0) return 'everything that you may do on this server';
  return scopes.map((scope) => `<code>${escapeHtml(scope)}</code>`).join(' ');
}

function warning(redirectUri: string): string {
  if (redirectUri.startsWith('https://')) return '';
  const why = isLoopback(redirectUri)
    ? 'The application says that it runs on this computer, and any program here can say so.'
    : 'The application is opened by its own link, and any program on this device can claim that link.';
  return `<p class="warning">${why} Go on only if you have just started it yourself.</p>\n`;
}
