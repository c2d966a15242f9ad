import { readFile } from 'node:fs/promises';
import { getuid } from 'node:process';
import { failure, ok, skipped, type Check } from '../check.ts';

const PRIVILEGED = 1024;

export const lowPort: Check = {
  id: 'PRT-02',
  area: 'port',
  title: 'this user may listen on the gateway’s port',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, platform }) {
    const { port, engine } = (await project()).settings;
    if (port >= PRIVILEGED) return ok(`port ${port} needs no rights`);
    if (engine === 'docker') return ok(`port ${port} is opened by the Docker Engine`);
    if (platform !== 'linux') return skipped('known on Linux only');
    // ip-sysctl: the first port that needs no capability.
    const text = await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').catch(() => `${PRIVILEGED}`);
    if (getuid?.() === 0 || port >= Number(text)) return ok(`port ${port} may be opened`);
    return failure(
      `port ${port} is for root alone on this machine`,
      `sudo sysctl -w net.ipv4.ip_unprivileged_port_start=${port}`,
    );
  },
};
