import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CliError } from '../errors.ts';
import { findProject, isProject, projectPaths } from '../project/index.ts';

/** The folder of the project that a command is run in; throws NO_PROJECT outside of any. */
export async function requireProject(cwd: string): Promise<string> {
  return (await findProject(cwd)) ?? noProject(cwd);
}

/** As requireProject, also where every file was deleted while the project ran: what runs must still be found to be stopped. */
export async function requireProjectOrTraces(cwd: string): Promise<string> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if ((await isProject(folder)) || (await hasTraces(folder))) return folder;
    if (folder === dirname(folder)) return noProject(cwd);
  }
}

/** What `up` leaves behind on this machine. */
async function hasTraces(folder: string): Promise<boolean> {
  const { engineFile, state } = projectPaths(folder);
  const found = await Promise.all(
    [engineFile, `${state}/docker.json`].map(async (file) => stat(file).catch(() => undefined)),
  );
  return found.some((one) => one?.isFile());
}

function noProject(cwd: string): never {
  throw new CliError({
    code: 'NO_PROJECT',
    message: `${cwd} is in no project of mcpgw`,
    fix: 'cd into the project, or make one: npx create-mcp-gateway my-gateway',
  });
}
