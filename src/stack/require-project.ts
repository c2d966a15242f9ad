import { CliError } from '../errors.ts';
import { findProject } from '../project/index.ts';

/** The folder of the project that a command is run in; throws NO_PROJECT outside of any. */
export async function requireProject(cwd: string): Promise<string> {
  const folder = await findProject(cwd);
  if (folder !== undefined) return folder;
  throw new CliError({
    code: 'NO_PROJECT',
    message: `${cwd} is in no project of mcpgw`,
    fix: 'cd into the project, or make one: npx create-mcp-gateway my-gateway',
  });
}
