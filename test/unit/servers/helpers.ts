import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LogEntry } from '../../../src/net/log.ts';
import { startServers, type ServersOptions } from '../../../src/servers/index.ts';
import { temporaryFolder } from '../../helpers/program.ts';

export interface TestServers {
  url: string;
  port: number;
  log: LogEntry[];
  close: () => Promise<void>;
}

/** Servers on a free port of loopback that stop with the test. */
export async function startTestServers(
  servers: ServersOptions['servers'],
  options: Partial<ServersOptions> = {},
): Promise<TestServers> {
  const log: LogEntry[] = [];
  const running = await startServers({
    servers,
    listen: { host: '127.0.0.1', port: 0 },
    allowedHosts: [],
    allowedOrigins: [],
    log: (entry) => void log.push(entry),
    ...options,
  });
  const close = async (): Promise<void> => running.close();
  onTestFinished(close);
  const { port } = running.address;
  return { url: `http://127.0.0.1:${port}`, port, log, close };
}

/** A database file made by `sql` in a folder that goes away with the test. */
export async function databaseOf(sql: string): Promise<string> {
  const file = join(await temporaryFolder('sqlite'), 'test.sqlite');
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return file;
}

export interface ToolReply {
  texts: string[];
  isError: boolean;
}

/** Calls a tool in the manner of 2025-06-18, without a session. */
export async function callTool(
  url: string,
  name: string,
  args: Record<string, unknown> = {},
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<ToolReply> {
  const response = await post(
    url,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
    headers,
    signal,
  );
  const { result, error } = await messageOf(response);
  if (!result) throw new Error(`no result: ${JSON.stringify(error)}`);
  return { texts: result.content.map(({ text }) => text), isError: result.isError === true };
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal,
  });
}

interface Message {
  result?: { content: { text: string }[]; structuredContent?: unknown; isError?: boolean };
  error?: { code: number; message: string };
}

export async function messageOf(response: Response): Promise<Message> {
  const text = await response.text();
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Message;
}
