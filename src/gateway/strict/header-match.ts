import type { McpRequest } from '../../pomerium/model.ts';

const BASE64 = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/;

/** Why the headers that tell of a message (MCP 2026-07-28, Streamable HTTP) do not fit it; undefined: they do, or are not there. */
export function headerProblem(rawHeaders: readonly string[], { method, tool }: McpRequest): string | undefined {
  const methods = valuesOf(rawHeaders, 'mcp-method');
  const names = valuesOf(rawHeaders, 'mcp-name');
  if (methods.length > 1 || names.length > 1) return 'Mcp-Method or Mcp-Name is there twice';
  const [toldMethod] = methods;
  const [toldName] = names;
  if (toldMethod !== undefined && toldMethod !== method) return 'Mcp-Method is not the method of the body';
  // Only tools have rules; the names of prompts and resources are their server's to check.
  if (method !== 'tools/call' || toldName === undefined) return undefined;
  return decoded(toldName) === tool ? undefined : 'Mcp-Name is not the name of the body';
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** A name that cannot stand in a header as it is comes in base64. */
function decoded(value: string): string {
  const encoded = BASE64.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}
