import { findPortSharers } from '../../net/ports.ts';
import { failure, ok, skipped, type Check } from '../check.ts';

/** Envoy listens with SO_REUSEPORT: a second Pomerium gets half of the connections, and neither of the two says a word (v0.33.1). */
export const portShared: Check = {
  id: 'PRT-04',
  area: 'port',
  title: 'one program alone answers on the gateway’s port',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, running, platform }) {
    if (platform !== 'linux') return skipped('known on Linux only');
    const { port } = (await project()).settings;
    const sharers = await findPortSharers(port);
    if (sharers.length < 2) return ok(`port ${port}`);
    const ours = (await running())?.pid;
    const evidence = sharers.map(({ pid, command }) => `${command} (pid ${pid})`);
    const other = sharers.find(({ pid }) => pid !== ours) ?? sharers[0];
    return failure(
      `port ${port} is shared by ${evidence.join(' and ')}: each answers a part of the requests`,
      `kill ${other?.pid}    # or whichever is not this project’s: ps -o pid,lstart,cmd`,
      evidence,
    );
  },
};
