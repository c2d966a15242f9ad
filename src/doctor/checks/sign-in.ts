import { failure, ok, skipped, type Check } from '../check.ts';
import { plainUrl } from '../servers.ts';

export const signIn: Check = {
  id: 'SGN-02',
  area: 'sign-in',
  title: 'a development user can sign in',
  on: ['sign-in'],
  needs: ['SGN-01', 'MET-01', 'MET-02', 'REG-01'],
  async run({ project, servers, token }, signal) {
    const loaded = await project();
    const [user] = Object.keys(loaded.settings.users);
    const [server] = await servers();
    if (!server) return skipped('no MCP route asks for a sign-in');
    if (!user) {
      const fix = 'edit docker-compose.yaml: add a user under x-mcpgw.users\nmcpgw up';
      return failure('there is no development user', fix);
    }
    await token(server, user, signal);
    return ok(`${user} at ${plainUrl(server)}`);
  },
};
