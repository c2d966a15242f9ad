import { createHash } from 'node:crypto';
import { Html, markup } from '../html.ts';
import type { Visitor } from '../visitor.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface Asset {
  type: string;
  text: string;
}

/** Each under a name that changes with its text, so that a browser may keep it for ever. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  [assetPath('app.css', STYLE), { type: 'text/css; charset=utf-8', text: STYLE }],
  [assetPath('app.js', SCRIPT), { type: 'text/javascript; charset=utf-8', text: SCRIPT }],
]);

const [STYLE_PATH = '', SCRIPT_PATH = ''] = ASSETS.keys();

/**
 * Only our own files, pictures and sounds that stand in the page itself. There is no form-action on purpose: Chromium applies it to every
 * redirect that follows a form, and a session that has ended leads by way of the gateway to whatever identity provider it has.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; media-src data:; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface PageView {
  title: string;
  body: Html;
  /** Absent: nobody is signed in. */
  visitor?: Pick<Visitor, 'name' | 'email'>;
  here?: 'servers' | 'chat';
  /** Seconds after which a browser without scripts asks again. */
  refresh?: number;
}

export function layout({ title, body, visitor, here, refresh }: PageView): string {
  const again = refresh !== undefined && markup`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>`;
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – MCP servers</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_PATH}">
<script src="${SCRIPT_PATH}" defer></script>
${again}
</head>
<body>
<a class="skip" href="#main">To the content</a>
${visitor && navigation(visitor, here)}
<main id="main">
${body}
</main>
</body>
</html>
`;
  return page.text;
}

function navigation({ name, email }: Pick<Visitor, 'name' | 'email'>, here: PageView['here']): Html {
  const current = (page: string): Html | undefined => (page === here ? Html.of(' aria-current="page"') : undefined);
  return markup`<header class="top"><div><nav aria-label="Pages"><a href="/"${current('servers')}>Servers</a><a href="/chat"${current('chat')}>Chat</a></nav>
<div class="who"><span>Signed in as <a href="/.pomerium/user" title="What the gateway knows of you"><bdi>${email || name}</bdi></a></span>
<a href="/.pomerium/sign_out">Sign out</a></div></div></header>`;
}

function assetPath(name: string, text: string): string {
  const [stem = '', ending = ''] = name.split('.');
  return `/assets/${stem}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${ending}`;
}
