import type { Rule } from '../rule.ts';

const KEYS = ['autocert_trusted_ca', 'autocert_trusted_ca_file'];

export const autocertCaIgnored: Rule = {
  id: 'AUTOCERT_CA_IGNORED',
  severity: 'warning',
  title: 'A private certificate authority is trusted where it counts',
  why: 'These keys have no effect on v0.33.1: the directory’s own certificate is refused with `x509: certificate signed by unknown authority`.',
  fix: 'set SSL_CERT_FILE to a file with that authority and the system’s',
  source: 'Pomerium v0.33.1, seen running',
  *check({ config: { data }, environment }) {
    for (const key of KEYS) {
      if (data[key] === undefined || environment['SSL_CERT_FILE']) continue;
      yield { path: [key], message: `\`${key}\` has no effect` };
    }
  },
};
