import { ROUTE_CORS, ROUTE_VARY } from '../cors.ts';
import type { HeaderList, Reply } from '../exchange.ts';
import type { Inbound } from '../inbound.ts';

/** Of MCP 2026-07-28, beside what Pomerium allows; each parameter has a header of its own. */
const MODERN = 'Mcp-Method, Mcp-Name';
const PARAMETER = /^mcp-param-[!#$%&'*+\-.^_`|~0-9a-z]{1,64}$/;
const PARAMETERS_AT_MOST = 32;

/** The answer to a preflight on an MCP route: a page may send what the protocol has. */
export function routePreflight({ request }: Inbound): Reply {
  const asked = request.headers()['access-control-request-headers'];
  const parameters = (Array.isArray(asked) ? asked.join(',') : (asked ?? ''))
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => PARAMETER.test(name))
    .slice(0, PARAMETERS_AT_MOST);
  const cors: HeaderList = ROUTE_CORS.map(([name, value]) =>
    name === 'access-control-allow-headers' ? [name, [value, MODERN, ...parameters].join(', ')] : [name, value],
  );
  return { status: 204, headers: [...cors, ...ROUTE_VARY], body: '' };
}
