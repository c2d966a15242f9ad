/** The echo tool as an MCP server over standard input and output, for proxies that start their upstream themselves. */
import { createInterface } from 'node:readline';

interface Message {
  id?: number | string;
  method: string;
  params?: { protocolVersion?: string; arguments?: { text?: string } };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message;
  if (message.id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: answer(message) })}\n`);
});

function answer({ method, params }: Message): unknown {
  if (method === 'initialize') {
    const serverInfo = { name: 'echo', version: '1' };
    return { protocolVersion: params?.protocolVersion ?? '2025-06-18', capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'tools/call') return { content: [{ type: 'text', text: params?.arguments?.text ?? '' }] };
  return method === 'tools/list' ? { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] } : {};
}
