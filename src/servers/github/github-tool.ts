import type { ProviderApi, ProviderSession } from '../provider/api.ts';
import { answering, ProviderFailure } from '../provider/failure.ts';
import { textOf, type Argument, type Arguments, type Tool, type ToolAnswer } from '../tool.ts';

/** One tool before it knows which API it asks. */
export interface GithubTool {
  name: string;
  description: string;
  arguments: Readonly<Record<string, Argument>>;
  call(github: ProviderSession, args: Arguments): Promise<ToolAnswer>;
}

export const REPOSITORY = { owner: 'User or organization that owns the repository', repo: 'Name of the repository' };

/** The path of something in the repository that the arguments name. */
export function inRepository(args: Arguments, ...rest: readonly (string | number)[]): string[] {
  return ['repos', textOf(args, 'owner'), textOf(args, 'repo'), ...rest.map(String)];
}

export function needed(args: Arguments, name: string): string {
  const text = textOf(args, name).trim();
  if (text === '') throw new ProviderFailure(`${name} cannot be empty`);
  return text;
}

/** An optional text; undefined when it says nothing. */
export function optional(args: Arguments, name: string): string | undefined {
  return textOf(args, name).trim() || undefined;
}

export function bind(tool: GithubTool, api: ProviderApi): Tool {
  return {
    name: tool.name,
    description: tool.description,
    arguments: tool.arguments,
    annotations: { readOnlyHint: true, openWorldHint: true },
    call: async (args, caller) => answering(tool.name, async () => tool.call(api.session(caller), args)),
  };
}
