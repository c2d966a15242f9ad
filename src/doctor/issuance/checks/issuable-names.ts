import { failure, ok, skipped, warning, type Check } from '../../check.ts';
import { hostsOf } from '../../servers.ts';
import type { MakeCheck } from '../issuance-check.ts';
import { isLocalName, isPrivateAuthority } from '../situation.ts';

/** certmagic asks no public authority about local names, and Pomerium asks nobody about wildcards: there is no line in the log of either. */
export const issuableNames: MakeCheck = (_doors, viewOf): Check => ({
  id: 'ISS-02',
  area: 'issuance',
  title: 'an authority can issue for every host',
  on: ['configuration'],
  async run(patient) {
    const { autocert, authority, hosts } = await viewOf(patient).situation();
    if (!autocert) return skipped('autocert is off');
    const local = hosts.filter(isLocalName);
    if (local.length > 0 && !isPrivateAuthority(authority)) {
      const text = `no public authority issues for ${local.join(', ')}`;
      return failure(text, 'edit pomerium-config.yaml: a public name, an own certificate, or a private `autocert_ca`');
    }
    const wildcards = hostsOf((await patient.configuration()).options).filter((host) => host.includes('*'));
    if (wildcards.length > 0) {
      const text = `autocert gets no certificate for ${wildcards.join(', ')}`;
      return warning(text, 'edit pomerium-config.yaml: host by host, or a wildcard certificate in `certificates`');
    }
    return ok(hosts.join(', '));
  },
});
