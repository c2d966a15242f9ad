import { failure, ok, skipped, type Check } from '../check.ts';

export const tokenRefresh: Check = {
  id: 'TOK-01',
  area: 'token',
  title: 'a token can be renewed without a person',
  on: ['sign-in'],
  needs: ['SGN-02'],
  async run({ servers, project, refresh }, signal) {
    const [server] = await servers();
    const [user] = Object.keys((await project()).settings.users);
    if (!server || user === undefined) return skipped('there is nobody to sign in');
    const renewed = await refresh(server, user, signal);
    if (renewed) return ok(`${user} at ${server.name}`);
    return failure(
      'the refresh token is refused',
      'mcpgw logs gateway    # and: does the identity provider give offline access?',
    );
  },
};
