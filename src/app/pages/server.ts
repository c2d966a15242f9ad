import type { Tool } from '../../mcp/index.ts';
import type { Failure } from '../failure.ts';
import type { ListedServer } from '../gateway.ts';
import { markup, type Html } from '../html.ts';
import { addressOf, connectionButton, serverLink, type Links } from './home.ts';
import { failureNote, note } from './notes.ts';

export interface ServerView {
  server: ListedServer;
  result: { tools: readonly Tool[] } | { failure: Failure };
  links: Links;
  news?: Html;
}

export function serverPage({ server, result, links, news }: ServerView): Html {
  const state = 'failure' in result ? ({ kind: result.failure.kind } as const) : undefined;
  return markup`${news}
<p class="small"><a href="/">← All servers</a></p>
<h1><bdi>${server.name}</bdi></h1>
${server.description !== '' && markup`<p class="description">${server.description}</p>`}
<p class="soft small">${addressOf(server)}</p>
${'failure' in result ? failureNote(result.failure) : toolList(server, result.tools)}
${connection(server, state?.kind === 'sign-in', links)}`;
}

function toolList(server: ListedServer, tools: readonly Tool[]): Html {
  if (tools.length === 0) {
    return note({ tone: 'warn', title: 'No tools', text: ['The server answers, but offers no tools to you.'] });
  }
  return markup`<h2>${tools.length === 1 ? 'One tool' : `${tools.length} tools`}</h2>
<ul class="cards">${tools.map((tool) => toolCard(server, tool))}</ul>`;
}

function toolCard(server: ListedServer, tool: Tool): Html {
  const count = Object.keys((tool.inputSchema['properties'] as object | undefined) ?? {}).length;
  return markup`<li class="card">
<h3><bdi><a href="${toolLink(server, tool.name)}">${titleOf(tool)}</a></bdi></h3>
${titleOf(tool) !== tool.name && markup`<p class="soft small"><code>${tool.name}</code></p>`}
${tool.description && markup`<p class="description clamp">${tool.description}</p>`}
<div class="badges">${toolBadges(tool)}<span class="badge">${count === 0 ? 'no arguments' : count === 1 ? '1 argument' : `${count} arguments`}</span></div>
</li>`;
}

/** What a tool says of itself; nobody has checked it. */
export function toolBadges({ annotations = {} }: Pick<Tool, 'annotations'>): Html {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  return markup`${readOnlyHint === true && badge('good', 'reads only')}${
    readOnlyHint !== true && destructiveHint === true && badge('warn', '! may destroy data')
  }${readOnlyHint !== true && destructiveHint === false && badge('', 'adds, does not destroy')}${
    readOnlyHint !== true && idempotentHint === true && badge('', 'safe to repeat')
  }${openWorldHint === true && badge('', 'reaches out to the internet')}`;
}

function badge(tone: string, text: string): Html {
  return markup`<span class="badge ${tone}">${text}</span>`;
}

export function titleOf({ title, annotations, name }: Tool): string {
  const annotated = annotations?.['title'];
  return title || (typeof annotated === 'string' ? annotated : '') || name;
}

export function toolLink({ url }: Pick<ListedServer, 'url'>, tool: string): string {
  return `/tool?server=${encodeURIComponent(url.href)}&name=${encodeURIComponent(tool)}`;
}

function connection(server: ListedServer, isNeeded: boolean, links: Links): Html {
  const text = server.connected
    ? 'The gateway holds a token of yours for this server’s provider. Disconnect makes it forget that token.'
    : isNeeded
      ? 'Connect leads to the sign-in of the server’s provider and back. The token stays with the gateway.'
      : 'The gateway holds no token of yours for a provider of this server. Most servers without a provider of their own need none.';
  const button = server.connected
    ? connectionButton(server, { kind: 'ready', tools: 0 }, links)
    : markup`<a class="button${isNeeded ? ' main' : ''}" href="${links.connect(server)}">Connect</a>`;
  return markup`<section class="card" aria-labelledby="connection"><h2 id="connection">Sign-in at the provider</h2>
<p class="soft">${text}</p><div class="actions">${button}<a class="button" href="${serverLink(server)}">Look again</a></div></section>`;
}
