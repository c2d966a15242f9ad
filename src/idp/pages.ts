import { STYLE, STYLE_HASH } from './page-style.ts';
import type { DevUser, DevUsers } from './users.ts';

/**
 * No script runs and nothing is loaded. There is no form-action on purpose: Chromium applies it to every redirect that follows a form, and
 * these lead by way of the gateway to wherever an MCP client listens, even to schemes such as cursor://.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `default-src 'none'; style-src '${STYLE_HASH}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface Link {
  href: string;
  text: string;
}

export interface SignInView {
  /** Path the form is sent to. */
  action: string;
  users: DevUsers;
  asking: { clientId: string; host: string };
  /** The user whose button has the focus. */
  likely: string | undefined;
}

export function signInPage({ action, users, asking, likely }: SignInView): string {
  const buttons = Object.entries(users).map(([key, user]) => userButton(key, user, key === likely));
  const choice = buttons.length > 0 ? `<ul class="users">${buttons.join('')}</ul>` : '<p>No users are defined.</p>';
  return layout(
    'Sign in',
    `<h1>Sign in</h1>
<p class="soft"><b>${escapeHtml(asking.clientId)}</b>${asking.host ? ` at <b>${escapeHtml(asking.host)}</b>` : ''} asks who you are. Choose a user:</p>
<form method="post" action="${escapeHtml(action)}">
${choice}
<button name="cancel" value="1">Cancel</button>
</form>`,
  );
}

function userButton(key: string, user: DevUser, likely: boolean): string {
  const groups = user.groups.length > 0 ? `Groups: ${user.groups.map(escapeHtml).join(', ')}` : 'No groups';
  return `
<li><button name="user" value="${escapeHtml(key)}"${likely ? ' autofocus' : ''}>
<strong><bdi>${escapeHtml(user.name)}</bdi></strong>
<span>${escapeHtml(user.email)}</span>
<small>${groups}</small>
</button></li>`;
}

export function errorPage(view: { title: string; text: readonly string[]; code?: string; back?: Link }): string {
  const code = view.code ? `<p class="soft"><code>${escapeHtml(view.code)}</code></p>` : '';
  return layout(
    view.title,
    `<h1>${escapeHtml(view.title)}</h1>\n${paragraphs(view.text)}\n${code}${linkTo(view.back)}`,
  );
}

export function messagePage(view: { title: string; text: readonly string[]; link?: Link }): string {
  return layout(view.title, `<h1>${escapeHtml(view.title)}</h1>\n${paragraphs(view.text)}\n${linkTo(view.link)}`);
}

/** `form` is oidc-provider's: an empty form named op.logoutForm with its protection against forged requests. */
export function signOutPage(clientId: string, form: string): string {
  return layout(
    'Sign out',
    `<h1>Sign out?</h1>
<p><b>${escapeHtml(clientId)}</b> asks to sign this browser out.</p>
${form}
<div class="actions"><button form="op.logoutForm" name="logout" value="yes">Sign out</button> <button form="op.logoutForm">Stay signed in</button></div>`,
  );
}

export function layout(title: string, main: string, place = 'development identity provider'): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – ${escapeHtml(place)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${main}
<p class="notice">For development only. There are no passwords: whoever can open this page can sign in as any of its users.</p>
</main>
</body>
</html>
`;
}

function paragraphs(lines: readonly string[]): string {
  return lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n');
}

function linkTo(link: Link | undefined): string {
  return link ? `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>` : '';
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
