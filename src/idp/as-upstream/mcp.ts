import { parseJson, recordOf } from '../../json.ts';
import { challenge } from './challenge.ts';
import type { Grant } from './grants.ts';
import { json, type Answer, type Received } from './http.ts';
import { ELEVATED, type Site } from './site.ts';

const NOTHING_TO_PASS = { type: 'object', properties: {}, additionalProperties: false };

const TOOLS = [
  {
    name: 'whoami',
    description: 'Says whose upstream token came with the call, and what it is good for.',
    inputSchema: NOTHING_TO_PASS,
    annotations: { readOnlyHint: true },
  },
  {
    name: 'headers',
    description: 'Lists the names of the received headers, and the kind of the token; no values.',
    inputSchema: NOTHING_TO_PASS,
    annotations: { readOnlyHint: true },
  },
  {
    name: 'scope_needed',
    description: `Wants the scope ${ELEVATED}; without it the answer is 403 insufficient_scope.`,
    inputSchema: NOTHING_TO_PASS,
    annotations: { readOnlyHint: true },
  },
];

/** A small, stateless MCP server: initialize, ping, tools/list and tools/call. */
export function answerMcp(site: Site, grant: Grant, received: Received): Answer {
  const message = recordOf(parseJson(received.body));
  const { id, method } = message;
  if (typeof method !== 'string') return json(400, failure(null, -32_700, 'no JSON-RPC request'));
  // A notification is taken note of, without an answer.
  if (id === undefined) return { status: 202, headers: {}, body: '' };
  const params = recordOf(message['params']);
  if (method === 'tools/call') return call(site, grant, received, id, params['name']);
  const result = resultOf(method, params);
  return json(200, result ? { jsonrpc: '2.0', id, result } : failure(id, -32_601, `there is no method ${method}`));
}

function resultOf(method: string, params: Record<string, unknown>): Record<string, unknown> | undefined {
  if (method === 'initialize') {
    const asked = params['protocolVersion'];
    return {
      protocolVersion: typeof asked === 'string' ? asked : '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'mcpgw-upstream', version: '1.0.0' },
    };
  }
  if (method === 'ping') return {};
  return method === 'tools/list' ? { tools: TOOLS } : undefined;
}

function call(site: Site, grant: Grant, received: Received, id: unknown, name: unknown): Answer {
  if (name === 'scope_needed' && !grant.scopes.includes(ELEVATED)) {
    const scope = [...grant.scopes, ELEVATED].join(' ');
    return challenge(site, 403, { error: 'insufficient_scope', scope, error_description: `${ELEVATED} is needed` });
  }
  const value = toolResult(name, grant, received);
  if (!value) return json(200, failure(id, -32_602, `there is no tool ${String(name)}`));
  const content = [{ type: 'text', text: JSON.stringify(value) }];
  return json(200, { jsonrpc: '2.0', id, result: { content, structuredContent: value } });
}

function toolResult(name: unknown, grant: Grant, received: Received): Record<string, unknown> | undefined {
  if (name === 'whoami') {
    return { user: grant.user, client: grant.clientId, scopes: grant.scopes, resource: grant.resource ?? null };
  }
  // Only a token of this provider comes so far; its kind stands in front of it.
  if (name === 'headers') return { headers: Object.keys(received.headers).sort(), token: 'upstream access token' };
  return name === 'scope_needed' ? { ok: true } : undefined;
}

function failure(id: unknown, code: number, message: string): Record<string, unknown> {
  return { jsonrpc: '2.0', id, error: { code, message } };
}
