import { ok, skipped, warning, type Check } from '../check.ts';

const LOOPBACK = /^(127\.|\[?::1\]?:|localhost)/;

/** A local project’s users sign in by a click; who can reach it from the network can be any of them. */
export const listeningAddress: Check = {
  id: 'PRT-03',
  area: 'port',
  title: 'a local project listens on this machine only',
  on: ['running'],
  needs: ['PRT-01'],
  async run({ project, running }) {
    if ((await project()).settings.address === 'public') return skipped('the project is for everybody');
    const open = ((await running())?.services ?? []).filter(({ address }) => address && !LOOPBACK.test(address));
    const [first] = open;
    if (!first) return ok('loopback');
    const text = `${first.name} listens on ${first.address ?? ''}: the network reaches it, and its sign-in asks no password`;
    return warning(text, 'edit docker-compose.yaml: publish on 127.0.0.1    # then mcpgw up');
  },
};
