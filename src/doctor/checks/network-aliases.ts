import { failure, ok, skipped, type Check } from '../check.ts';
import { hostsOf } from '../servers.ts';
import { count } from '../words.ts';

/** The names by which containers reach the gateway, as Docker has them, which need not be those of the file. */
export const networkAliases: Check = {
  id: 'DKR-11',
  area: 'docker',
  title: 'containers reach the gateway by its names',
  on: ['docker'],
  needs: ['DKR-06'],
  async run({ docker, project }) {
    const { settings, parsed } = await project();
    if (settings.address === 'public') return skipped('public names lead back through DNS');
    const { containers } = await docker();
    const gateway = containers.find(({ service }) => service === 'pomerium');
    if (!gateway) return skipped('there is no container of the gateway');
    const hosts = hostsOf(parsed.options).filter((host) => !host.includes('*'));
    const missing = hosts.filter((host) => !gateway.aliases.includes(host));
    if (missing.length === 0) return ok(count(hosts.length, 'name'), hosts);
    return failure(
      `pomerium does not answer to ${missing.join(', ')} inside the network`,
      'mcpgw up    # adds the aliases',
    );
  },
};
