import type { ListedServer } from '../gateway.ts';
import { markup, type Html } from '../html.ts';
import type { ServerState } from '../probe.ts';
import type { Visitor } from '../visitor.ts';
import { note } from './notes.ts';

export interface Shown {
  server: ListedServer;
  state: ServerState;
}

/** How a server's two buttons are made: they lead out of the application, or change something at the gateway. */
export interface Links {
  connect(server: ListedServer): string;
  forgery: string;
}

export interface HomeView {
  visitor: Visitor;
  servers: readonly Shown[];
  links: Links;
  /** What the step before has led to. */
  news?: Html;
}

export function homePage({ visitor, servers, links, news }: HomeView): Html {
  return markup`${news}
<h1>MCP servers</h1>
<p class="soft">You are <b><bdi>${visitor.name}</bdi></b>${visitor.groups.length > 0 && markup` (${visitor.groups.join(', ')})`}. Every call goes out as you, by the gateway’s policy.</p>
${servers.length === 0 ? noServers() : markup`<ul class="cards">${servers.map((shown) => serverCard(shown, links))}</ul>`}`;
}

function noServers(): Html {
  return note({
    tone: 'warn',
    title: 'There are no MCP servers yet',
    text: [
      'The gateway lists routes that have mcp: {server: {}} in pomerium-config.yaml; so far there is none.',
      'A project gets one with: mcpgw add',
    ],
  });
}

function serverCard({ server, state }: Shown, links: Links): Html {
  const target = serverLink(server);
  const title = server.isPattern ? markup`${server.name}` : markup`<a href="${target}">${server.name}</a>`;
  return markup`<li class="card"><div class="row">
<div class="grow"><h2><bdi>${title}</bdi></h2>
${server.description !== '' && markup`<p class="clamp">${server.description}</p>`}
<p class="soft small">${addressOf(server)}</p>
<div class="badges">${stateBadge(server, state)}${server.connected && state.kind !== 'sign-in' && markup`<span class="badge good">✓ Connected</span>`}</div>
</div>
<div class="actions">${state.kind === 'ready' && markup`<a class="button" href="${target}">Tools<span class="visually-hidden"> of ${server.name}</span></a>`}
${connectionButton(server, state, links)}</div>
</div></li>`;
}

/** Connect where a sign-in is missing, Disconnect where one is stored. */
export function connectionButton(server: ListedServer, state: ServerState, links: Links): Html | undefined {
  const name = markup`<span class="visually-hidden"> ${server.name}</span>`;
  if (server.connected) {
    return markup`<form method="post" action="/disconnect"><input type="hidden" name="forgery" value="${links.forgery}">
<input type="hidden" name="server" value="${server.url.href}"><button data-busy="Disconnecting…">Disconnect${name}</button></form>`;
  }
  if (server.isPattern || ['ready', 'down', 'denied'].includes(state.kind)) return undefined;
  return markup`<a class="button${state.kind === 'sign-in' ? ' main' : ''}" href="${links.connect(server)}">Connect${name}</a>`;
}

function stateBadge(server: ListedServer, state: ServerState): Html {
  switch (state.kind) {
    case 'ready':
      return markup`<span class="badge good">✓ ${state.tools} ${state.tools === 1 ? 'tool' : 'tools'}</span>`;
    case 'sign-in':
      return server.connected
        ? markup`<span class="badge warn">! Its provider refuses the sign-in that is stored: disconnect, then connect</span>`
        : markup`<span class="badge warn">! Needs a sign-in at its provider</span>`;
    case 'denied':
      return markup`<span class="badge warn">! The policy refuses you</span>`;
    case 'down':
      return markup`<span class="badge bad">✗ Does not answer</span>`;
    case 'slow':
      return markup`<span class="badge warn">! No answer yet</span>`;
    default:
      return server.isPattern
        ? markup`<span class="badge">Any name that fits this pattern</span>`
        : markup`<span class="badge bad">✗ Answers with an error</span>`;
  }
}

export function addressOf({ url }: ListedServer): string {
  return `${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

export function serverLink({ url }: Pick<ListedServer, 'url'>): string {
  return `/server?url=${encodeURIComponent(url.href)}`;
}
