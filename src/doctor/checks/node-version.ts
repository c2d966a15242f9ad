import { failure, ok, type Check } from '../check.ts';

export const nodeVersion: Check = {
  id: 'MAC-01',
  area: 'machine',
  title: 'Node version',
  async run({ nodeVersion: version }) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const isSupported = (major === 22 && minor >= 19) || (major === 24 && minor >= 6) || major > 24;
    if (isSupported) return ok(`Node ${version}`);
    return failure(
      `Node ${version} is not supported: 22.19 or later, or 24.6 or later`,
      'npx -y -p node@24 -p create-mcp-gateway mcpgw doctor',
    );
  },
};
