import { CliError } from '../errors.ts';
import { listTools, type Tool } from '../mcp/index.ts';
import type { Patient } from './check.ts';
import type { Server } from './servers.ts';

export interface Reached {
  /** The first development user whom the policy lets in. */
  user: string;
  accessToken: string;
  tools: Tool[];
}

/** A server's tools, as the first development user who may see them; undefined when the policy refuses every one. */
export async function reachTools(
  { token, fetch, project }: Pick<Patient, 'token' | 'fetch' | 'project'>,
  server: Server,
  signal: AbortSignal,
): Promise<Reached | undefined> {
  const send = await fetch();
  for (const user of Object.keys((await project()).settings.users)) {
    try {
      const accessToken = await token(server, user, signal);
      return { user, accessToken, tools: await listTools({ server: server.url, accessToken, fetch: send, signal }) };
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'POLICY_DENIED') throw error;
    }
  }
  return undefined;
}
