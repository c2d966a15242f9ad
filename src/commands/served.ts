import type { Ctx } from '../context.ts';
import { callTool, listTools, withToken, type Tool, type ToolResult } from '../mcp/index.ts';
import { explainDenial, type Refused } from './denial.ts';
import { signInFor, type SignInOptions } from './sign-in.ts';
import type { Target } from './target.ts';

/** Milliseconds until a tool's answer has to begin; tools may think for long. */
const TOOL_TIMEOUT = 600_000;

export async function listFrom(ctx: Ctx, target: Target, options: SignInOptions): Promise<Tool[]> {
  const reach = { server: target.server, fetch: target.fetch(), signal: ctx.signal };
  return asUser(ctx, target, options, {}, async (accessToken) => listTools({ ...reach, ...withAccess(accessToken) }));
}

export async function callOn(
  ctx: Ctx,
  target: Target,
  options: SignInOptions,
  call: { tool: Tool; args: Record<string, unknown> },
): Promise<ToolResult> {
  const reach = { server: target.server, fetch: target.fetch(TOOL_TIMEOUT), signal: ctx.signal };
  const { tool, args } = call;
  return asUser(ctx, target, options, { tool: tool.name }, async (accessToken) =>
    callTool({ ...reach, ...withAccess(accessToken), name: tool.name, args, tool }),
  );
}

function withAccess(accessToken: string | undefined): { accessToken?: string } {
  return accessToken === undefined ? {} : { accessToken };
}

/** Works with a token, renewed when the server turns it away; a refusal by policy is told with its rule. */
async function asUser<T>(
  ctx: Ctx,
  target: Target,
  options: SignInOptions,
  refused: Refused,
  work: (accessToken: string | undefined) => Promise<T>,
): Promise<T> {
  const user = options.as ?? ctx.env['MCPGW_AS'];
  try {
    return await withToken(signInFor(ctx, target, options), work);
  } catch (error) {
    throw await explainDenial(error, target, { ...refused, ...(user ? { user } : {}) });
  }
}
