import { failure, ok, skipped, type Check } from '../check.ts';
import { listTools } from '../../mcp/index.ts';

export const tokenRenewed: Check = {
  id: 'TOK-04',
  area: 'token',
  title: 'the renewed token is taken',
  on: ['sign-in'],
  needs: ['TOK-01'],
  async run({ servers, project, refresh, fetch }, signal) {
    const [server] = await servers();
    const [user] = Object.keys((await project()).settings.users);
    const renewed = server && user !== undefined ? await refresh(server, user, signal) : undefined;
    if (!server || !renewed) return skipped('there is no renewed token');
    const { accessToken } = renewed;
    const problem = await listTools({ server: server.url, accessToken, fetch: await fetch(), signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    signal.throwIfAborted();
    if (problem instanceof Error && 'status' in problem && problem.status === 401)
      return failure(`${server.name} refuses the token that was just renewed`, 'mcpgw logs gateway');
    return ok(server.name);
  },
};
