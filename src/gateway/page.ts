import type { Reply } from './exchange.ts';

/** What a page of Pomerium tells its script: the whole content of the page. */
export type PageData = { page: string; status?: number | string; statusText?: string; description?: string } & Record<
  string,
  unknown
>;

/** Something to go to from the page; `note` stands below it. */
export interface PageLink {
  href: string;
  text: string;
  note?: string;
}

const TITLES: Readonly<Record<string, string>> = {
  Routes: 'Routes',
  SignedOut: 'Signed out',
  SignOutConfirm: 'Sign out?',
  UserInfo: 'User',
};

const STYLE = [
  ':root{color-scheme:light dark}',
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;overflow-wrap:anywhere}',
  'small{color:GrayText;display:block}ul{list-style:none;padding:0}li{margin:1rem 0}a:focus-visible{outline:2px solid}',
].join('');

/** An HTML page that reads well without a script and carries its data as JSON for those who look. */
export function renderPage(data: PageData, links: readonly PageLink[] = []): string {
  const title = titleOf(data);
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    `</head><body><h1>${escapeHtml(title)}</h1>`,
    ...explanationsOf(data).map((text) => `<p>${escapeHtml(text)}</p>`),
    links.length > 0 ? `<ul>\n${links.map(renderLink).join('\n')}\n</ul>` : '',
    typeof data['requestId'] === 'string' ? `<small>Request ${escapeHtml(data['requestId'])}</small>` : '',
    `<script type="application/json" id="data">${escapeJson(data)}</script>`,
    '</body></html>',
    '',
  ].join('\n');
}

/** A page that is no error. */
export function pageReply(data: PageData, links: readonly PageLink[] = []): Reply {
  const headers: Reply['headers'] = [
    ['Cache-Control', 'no-cache, must-revalidate'],
    ['Content-Type', 'text/html; charset=utf-8'],
  ];
  return { status: 200, headers, body: renderPage(data, links) };
}

function titleOf({ page, status, statusText }: PageData): string {
  const parts = [status, statusText].filter((part) => part !== undefined && part !== '');
  return parts.join(' ') || (TITLES[page] ?? page);
}

function explanationsOf(data: PageData): string[] {
  const traces: unknown = data['policyEvaluationTraces'];
  const lines = Array.isArray(traces) ? (traces as { explanation: string; remediation: string }[]) : [];
  const texts = [data.description ?? '', ...lines.flatMap((trace) => [trace.explanation, trace.remediation])];
  return texts.filter((text) => text !== '');
}

function renderLink({ href, text, note }: PageLink): string {
  const below = note === undefined || note === '' ? '' : `<small>${escapeHtml(note)}</small>`;
  return `<li><a href="${escapeHtml(href)}">${escapeHtml(text)}</a>${below}</li>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** JSON that cannot end the script element it stands in, escaped as Go's encoding/json does. */
function escapeJson(data: PageData): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
