import { failure, ok, skipped, type Check } from '../check.ts';
import { guardedServers, plainUrl } from '../servers.ts';

export const signIn: Check = {
  id: 'SGN-02',
  area: 'sign-in',
  title: 'a development user can sign in',
  needs: ['SGN-01', 'MET-01', 'MET-02', 'MET-03'],
  async run({ project, token }, signal) {
    const loaded = await project();
    if (!loaded.settings.idp) return skipped('only the development identity provider can be tried without a person');
    if (loaded.parsed.options?.runtime_flags['mcp_dynamic_client_registration'] !== true) {
      return skipped('doctor needs dynamic registration, and it is off');
    }
    const [user] = Object.keys(loaded.settings.users);
    const [server] = guardedServers(loaded);
    if (!server) return skipped('no MCP route asks for a sign-in');
    if (!user) {
      const fix = 'edit docker-compose.yaml: add a user under x-mcpgw.users\nmcpgw up';
      return failure('there is no development user', fix);
    }
    await token(loaded, server, user, signal);
    return ok(`${user} at ${plainUrl(server)}`);
  },
};
