import { escapeHtml, layout, PAGE_HEADERS } from '../pages.ts';
import type { DevUsers } from '../users.ts';
import { html, type Answer } from './http.ts';

const PLACE = 'mock upstream provider';

export interface ConsentView {
  /** Where the form is sent: the authorization request itself. */
  action: string;
  client: string;
  host: string;
  scopes: readonly string[];
  users: DevUsers;
}

/** Asks a user to approve: each user is a button, and so is declining. */
export function consentPage({ action, client, host, scopes, users }: ConsentView): Answer {
  const buttons = Object.entries(users).map(
    ([key, user]) => `
<li><button name="user" value="${escapeHtml(key)}"><strong><bdi>${escapeHtml(user.name)}</bdi></strong>
<span>${escapeHtml(user.email)}</span></button></li>`,
  );
  const main = `<h1>Allow access?</h1>
<p class="soft"><b>${escapeHtml(client)}</b> at <b>${escapeHtml(host)}</b> asks for: ${escapeHtml(scopes.join(', '))}. Approve as:</p>
<form method="post" action="${escapeHtml(action)}">
<ul class="users">${buttons.join('')}</ul>
<button name="decline" value="1">Decline</button>
</form>`;
  return html(200, layout('Allow access', main, PLACE), PAGE_HEADERS);
}

/** What is wrong with a request that cannot be answered at the client (RFC 6749 §4.1.2.1). */
export function refusalPage(text: string): Answer {
  return html(
    400,
    layout('Refused', `<h1>The request was refused</h1>\n<p>${escapeHtml(text)}</p>`, PLACE),
    PAGE_HEADERS,
  );
}
