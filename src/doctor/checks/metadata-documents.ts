import { CLIENTS } from '../../clients/index.ts';
import { matchesDomain } from '../../pomerium/index.ts';
import { ok, skipped, warning, type Check } from '../check.ts';

/** A client that knows such documents prefers them wherever they are advertised, and Pomerium always advertises them. */
export const metadataDocuments: Check = {
  id: 'REG-03',
  area: 'registration',
  title: 'metadata documents of known clients are taken',
  on: ['configuration'],
  needs: ['REG-01'],
  async run({ configuration }) {
    const { options, file } = await configuration();
    const domains = options?.mcp_allowed_client_id_domains ?? [];
    if (domains.length === 0) return skipped('no domain is allowed, see REG-01');
    const hosts = [...new Set(CLIENTS.flatMap(({ metadataHost }) => (metadataHost ? [metadataHost] : [])))];
    const refused = hosts.filter((host) => !matchesDomain(domains, host));
    if (refused.length === 0) return ok(hosts.join(', '));
    return warning(
      `documents of ${refused.join(', ')} are refused`,
      `edit ${file}:\nmcp_allowed_client_id_domains: [${[...domains, ...refused].join(', ')}]`,
    );
  },
};
