import { ok, warning, type Check } from '../check.ts';

export const platform: Check = {
  id: 'MAC-09',
  area: 'machine',
  title: 'the operating system is one that is tested',
  async run({ platform: name }) {
    if (name === 'linux' || name === 'darwin') return ok(name);
    const fix = name === 'win32' ? 'wsl --install    # and run mcpgw there' : 'use Linux or macOS';
    return warning(`${name} is not tested`, fix);
  },
};
