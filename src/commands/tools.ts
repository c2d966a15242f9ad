import type { Ctx } from '../context.ts';
import type { Tool } from '../mcp/index.ts';
import { listFrom } from './served.ts';
import type { SignInOptions } from './sign-in.ts';
import { findTarget } from './target.ts';

export interface ToolsOptions extends SignInOptions {
  route: string;
}

export interface ToolsResult {
  server: string;
  /** The word that names the server in further commands. */
  route: string;
  tools: Tool[];
}

/** Lists a server's tools with their schemas. */
export async function run(ctx: Ctx, options: ToolsOptions): Promise<ToolsResult> {
  const target = await findTarget(ctx, options.route);
  const tools = await listFrom(ctx, target, options);
  return { server: target.server.href, route: target.word, tools };
}

export { toolsScreen as screen } from '../ui/screens/tools.ts';
