import { ok, skipped, warning, type Check } from '../check.ts';
import { count } from '../words.ts';

const MINUTE = 60_000;
/** Minutes; clients renew about one minute ahead. */
const SHORT = 5;

export const tokenLife: Check = {
  id: 'TOK-02',
  area: 'token',
  title: 'a token lives long enough to be of use',
  on: ['sign-in'],
  needs: ['TOK-01'],
  async run({ servers, project, refresh, now }, signal) {
    const [server] = await servers();
    const [user] = Object.keys((await project()).settings.users);
    const renewed = server && user !== undefined ? await refresh(server, user, signal) : undefined;
    if (renewed?.expiresAt === undefined) return skipped('the gateway does not say how long');
    const minutes = Math.round((renewed.expiresAt - now()) / MINUTE);
    if (minutes >= SHORT)
      return ok(minutes >= 120 ? count(Math.round(minutes / 60), 'hour') : count(minutes, 'minute'));
    return warning(`${count(minutes, 'minute')} only`, 'edit pomerium-config.yaml: cookie_expire: 14h\nmcpgw up');
  },
};
