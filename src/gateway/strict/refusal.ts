import type { HeaderList, Reply } from '../exchange.ts';

/** A JSON-RPC error that answers no request (MCP, Streamable HTTP). `code`: of JSON-RPC. */
export function refusal(status: number, message: string, code = -32_000): Reply {
  const headers: HeaderList = [['content-type', 'application/json']];
  return { status, headers, body: JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }) };
}
