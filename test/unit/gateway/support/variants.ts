/** What some recordings changed in the configuration that stood behind the rest. */
const VARIANTS: { name: string; of: RegExp; yaml: (base: string, recording: string) => string }[] = [
  {
    name: 'max_request_bytes changed',
    of: /^maxbytes-/,
    yaml: (base, recording) => base.replace('1048576', /^maxbytes-(\d+)/.exec(recording)?.[1] ?? ''),
  },
  {
    name: 'only the tool echo permitted',
    of: /^tool-notin/,
    yaml: (base) => base.replace(/(name: Tools\n[\s\S]*?mcp_tool:\n\s+)is: secret/i, '$1not_in: [echo]'),
  },
  {
    name: 'claims as headers, named by the claim alone',
    of: /^claimsheaders-string/,
    yaml: (base) => `${base}\njwt_claims_headers: email\n`,
  },
  {
    name: 'claims as headers',
    of: /^claimsheaders-/,
    yaml: (base) => `${base}\njwt_claims_headers:\n  X-User-Email: email\n  x-groups: groups\n  x-none: nosuch\n`,
  },
  {
    name: 'preserve_host_header',
    of: /^headers-preservehost/,
    yaml: (base) => base.replace('  - name: Bare\n', '  - name: Bare\n    preserve_host_header: true\n'),
  },
  { name: 'jwt_issuer_format: uri', of: /^assertion-issuer-uri/, yaml: (base) => `${base}\njwt_issuer_format: uri\n` },
  { name: 'the MCP flag off', of: /^flagoff-/, yaml: (base) => base.replace('mcp: true', 'mcp: false') },
  {
    name: 'registration off',
    of: /^dcroff-/,
    yaml: (base) => base.replace('mcp_dynamic_client_registration: true', 'mcp_dynamic_client_registration: false'),
  },
  {
    name: 'no domain may serve client metadata documents',
    of: /^cimd-emptylist/,
    yaml: (base) => base.replace(/mcp_allowed_client_id_domains:\n(?: +- .*\n)+/, ''),
  },
];

/** The configuration under which a recording was made. */
export function variantOf(recording: string, base: string): string {
  return VARIANTS.find(({ of }) => of.test(recording))?.yaml(base, recording) ?? base;
}
