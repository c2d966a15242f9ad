import type { Rule } from '../rule.ts';

export const autocertStaging: Rule = {
  id: 'AUTOCERT_STAGING',
  severity: 'warning',
  title: 'Certificates come from an authority that clients trust',
  why: 'Let’s Encrypt’s staging authority is trusted by nobody: a browser can be talked into it, Claude, ChatGPT and every other client cannot.',
  fix: 'delete `autocert_use_staging` once issuance works',
  source: 'Let’s Encrypt, staging environment',
  *check({ config: { options } }) {
    if (options?.rest['autocert'] !== true || options.rest['autocert_use_staging'] !== true) return;
    const path = ['autocert_use_staging'];
    yield { path, message: '`autocert_use_staging` is on', mends: [{ path, value: undefined }] };
  },
};
