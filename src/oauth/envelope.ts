import { VERSION } from '../version.ts';

/** The stateless revision: every request carries version and client, and repeats in headers what intermediaries look at. */
export const MODERN_VERSION = '2026-07-28';
export const CLIENT_INFO = { name: 'mcpgw', version: VERSION };

/** A request's parameters as MCP 2026-07-28 wants them. */
export function modernParams(params: Record<string, unknown>): Record<string, unknown> {
  return {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
      'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
}

/** The headers that go with every request of that revision. */
export function modernHeaders(method: string): Record<string, string> {
  return { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method };
}
