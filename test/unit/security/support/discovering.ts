import { Bed, type BedOptions } from './bed.ts';

/** A route that has to find out about the authorization server of its upstream. */
const DISCOVERING = `
  - name: Disc
    from: https://disc.localhost:8443
    to: https://upas.localhost
    mcp: {server: {}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
`;
const DISC = 'https://disc.localhost:8443';

/** What the upstream answers when its challenge names this metadata URL, and what was asked of it. */
export async function challengedWith(metadata: string, o: BedOptions = {}) {
  const bed = await Bed.open({ routes: DISCOVERING, ...o });
  const client = bed.client();
  const { access } = await client.tokens(DISC);
  bed.upas.asked.length = 0;
  bed.upas.handler = (request, response) => {
    if (request.method === 'POST') {
      response.setHeader('www-authenticate', `Bearer resource_metadata="${metadata}"`);
      response.writeHead(401).end();
    } else response.writeHead(404).end();
  };
  const { status } = await client.call(access, DISC);
  return { bed, status };
}

/** The metadata of the upstream is where it may be, and redirects. */
export async function challengedWithRedirect(location: string, o: BedOptions = {}) {
  const bed = await Bed.open({ routes: DISCOVERING, allowPrivateMetadataHosts: false, ...o });
  const client = bed.client();
  const { access } = await client.tokens(DISC);
  bed.upas.handler = (request, response) => {
    if (request.url === '/meta') response.writeHead(302, { location }).end();
    else {
      response.setHeader('www-authenticate', 'Bearer resource_metadata="https://upas.localhost/meta"');
      response.writeHead(401).end();
    }
  };
  const { status } = await client.call(access, DISC);
  return { bed, status };
}
