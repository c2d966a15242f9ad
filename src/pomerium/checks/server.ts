import type { McpServer, Route } from '../model.ts';
import { parseUrl } from '../go/url.ts';
import type { AddToRoute } from '../report.ts';

/** MCP server routes that start and do not work. */
export function warnAboutServer(route: Route, server: McpServer, add: AddToRoute): void {
  if (server.max_request_bytes === 0) {
    const why = 'Envoy refuses every route when it meets this value.';
    add({
      key: 'mcp.server.max_request_bytes',
      code: 'BAD_VALUE',
      message: '`max_request_bytes: 0`',
      why,
      fix: 'delete the key (4096), or write `max_request_bytes: 32768`',
    });
  }
  if (route.mcp?.client) {
    const why = 'Pomerium takes the route for a server here and for a client there.';
    add({
      key: 'mcp',
      code: 'MCP_BOTH',
      severity: 'warning',
      message: '`mcp` has `server` and `client`',
      why,
      fix: 'make two routes',
    });
  }
  if (route.from.includes('*')) {
    const why = 'A wildcard host has no OAuth metadata, so that no MCP client can sign in.';
    add({
      key: 'from',
      code: 'MCP_WILDCARD',
      severity: 'warning',
      message: `\`from: ${route.from}\` is a wildcard`,
      why,
      fix: 'write a concrete host name',
    });
  }
  warnAboutPath(route, server, add);
  warnAboutUpstream(server, add);
}

function warnAboutPath({ to }: Route, { path }: McpServer, add: AddToRoute): void {
  const upstream = to[0] ? parseUrl(to[0].url).path : '';
  if (!path || path === '/' || upstream === '' || upstream === '/') return;
  const why = `Clients are told to use ${path}, which becomes ${upstream}${path.slice(1)} upstream.`;
  add({
    key: 'mcp.server.path',
    code: 'PATH_TWICE',
    severity: 'warning',
    message: '`to` has a path and `mcp.server.path` is set',
    why,
    fix: 'keep one of the two',
  });
}

function warnAboutUpstream({ upstream_oauth2: oauth }: McpServer, add: AddToRoute): void {
  const endpoint = oauth?.endpoint;
  if (!endpoint) return;
  const key = 'mcp.server.upstream_oauth2.endpoint';
  if (Boolean(endpoint.auth_url) !== Boolean(endpoint.token_url)) {
    const why = 'Pomerium uses the endpoints only when both are set, and discovers them otherwise.';
    add({
      key,
      code: 'HALF_ENDPOINT',
      severity: 'warning',
      message: 'only one of `auth_url` and `token_url` is set',
      why,
      fix: 'set both, or none',
    });
  }
  if (endpoint.auth_style) {
    add({
      key: `${key}.auth_style`,
      code: 'NO_EFFECT',
      severity: 'warning',
      message: '`auth_style` is ignored since Pomerium v0.33.0',
      fix: 'delete the key',
    });
  }
}
