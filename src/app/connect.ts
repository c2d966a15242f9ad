import type { ListedServer } from './gateway.ts';
import { note } from './pages/notes.ts';
import type { Html } from './html.ts';

/** Where the browser goes to sign in at a server's provider; it comes back to `own`, a client route's host as Pomerium demands. */
export function connectLink(own: URL, { url }: Pick<ListedServer, 'url'>): string {
  const back = new URL('/', own);
  back.searchParams.set('connect', url.host);
  const link = new URL('/.pomerium/mcp/connect', url);
  link.searchParams.set('redirect_url', back.href);
  return link.href;
}

const REQUEST_ID = /request ID: ([\w-]{1,64})/;

/** What has come of it. The words are ours: anybody can write a link with `connect_error` in it. */
export function connectNews(query: URLSearchParams, servers: readonly ListedServer[]): Html | undefined {
  const server = servers.find(({ url }) => url.host === query.get('connect'));
  if (!server) return undefined;
  const error = query.get('connect_error');
  if (error === null) {
    if (!server.connected) return undefined;
    return note({ tone: 'good', title: `${server.name} is connected`, text: [] });
  }
  const id = REQUEST_ID.exec(error)?.[1];
  return note({
    tone: 'bad',
    title: `${server.name} could not be connected`,
    text: [
      'The gateway could not start a sign-in at this server’s provider. Either the server has no provider to sign in at, and needs no connection; or the provider’s metadata cannot be read, or it does not take this gateway as a client.',
      id === undefined ? 'The gateway’s log has the reason.' : `The gateway’s log has the reason under request ${id}.`,
    ],
  });
}
