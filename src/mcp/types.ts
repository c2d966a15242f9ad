import type { Fetch } from '../net/fetch.ts';

/** How to reach a server and as whom. */
export interface McpOptions {
  server: URL;
  /** Absent: the server asks for none. */
  accessToken?: string;
  fetch: Fetch;
  signal: AbortSignal;
  /** Speaks only this protocol version; default: the newest that the server takes. */
  protocolVersion?: string;
}

/** A tool as the server describes it. */
export interface Tool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
  annotations?: Record<string, unknown>;
}

export interface ToolResult {
  content: ContentItem[];
  structuredContent?: unknown;
  isError: boolean;
}

export interface ContentItem {
  type: string;
  [member: string]: unknown;
}

export interface RpcMessage {
  id?: unknown;
  method?: unknown;
  result?: unknown;
  error?: unknown;
}
