export { withToken } from './authorised.ts';
export { callTool, listTools } from './tools.ts';
export type { ContentItem, McpOptions, Tool, ToolResult } from './types.ts';
