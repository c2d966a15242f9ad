import { parseUrl } from '../go/url.ts';
import type { RouteEntry } from '../read/routes.ts';
import type { FailRoute } from './fail-route.ts';

export function checkMcp({ keys: { mcp } }: RouteEntry, fail: FailRoute): void {
  if (!mcp) return;
  if (!mcp.server && !mcp.client) {
    const why = 'A key without a value is no value; `mcp: {}` is the syntax of a pre-release.';
    const fix =
      'write `mcp: {server: {}}` for an MCP server, `mcp: {client: {}}` for an application that calls MCP servers';
    fail(
      { key: 'mcp', code: 'MCP_NEITHER', message: '`mcp` has neither `server` nor `client`', why, fix },
      'config: mcp must have either server or client set',
    );
  }
  const issuer = mcp.server?.authorization_server_url;
  if (!issuer) return;
  const key = 'mcp.server.authorization_server_url';
  const fix = 'write the issuer as an https URL';
  try {
    const { scheme } = parseUrl(issuer);
    if (scheme === 'https') return;
    fail(
      { key, code: 'BAD_URL', message: `\`authorization_server_url: ${issuer}\` is not https`, fix },
      `config: mcp authorization_server_url must be https, got ${JSON.stringify(scheme)}`,
    );
  } catch (error) {
    const { message } = error as Error;
    fail(
      { key, code: 'BAD_URL', message: `\`authorization_server_url\`: ${message}`, fix },
      `config: invalid mcp authorization_server_url ${message}`,
    );
  }
}
