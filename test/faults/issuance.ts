import type { Fault } from './fault.ts';

/** DNS, and how certificates are fetched, kept and shown. */
export const issuance: readonly Fault[] = [
  {
    number: 23,
    symptom: 'the browser warns: the certificate is Pomerium’s catch-all, or another host’s',
    cause: 'there is no certificate of the host, and nothing asks for one again by itself',
    fix: 'mcpgw doctor --only issuance',
    planted: [
      {
        in: 'public world',
        finds: 'ISS-07',
        shows: { issuer: 'Pomerium PSK CA', distrust: 'SELF' },
        along: ['ISS-08'],
      },
      { in: 'public world', finds: 'ISS-07', shows: { issuer: 'R11', name: 'two.example.org' }, along: ['ISS-08'] },
    ],
  },
  {
    number: 24,
    symptom: 'the authority answers `connection`, or `timeout during connect`',
    cause: '443 and 80 are closed from outside: a firewall, a security group, a router without forwarding',
    fix: 'open it in the firewall, in the cloud’s security group and in the router’s port forwarding',
    planted: [
      { in: 'public world', finds: 'ISS-04', logged: 'ports 80 and 443 closed for the validator', along: ['ISS-05'] },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'both have to lead here',
        logged: 'ports 80 and 443 dropped by a firewall',
        along: ['ISS-05'],
      },
      { in: 'test', finds: 'ISS-10', file: 'test/e2e/acme.test.ts', title: 'finds closed ports' },
    ],
  },
  {
    number: 25,
    symptom: 'the authority answers `dns`: NXDOMAIN, or no valid A records',
    cause: 'the name does not exist yet, or its records are wrong',
    fix: 'dig +trace A one.example.org',
    planted: [
      {
        in: 'public world',
        finds: 'DNS-01',
        records: { a: { fault: 'NXDOMAIN' }, aaaa: { fault: 'NXDOMAIN' } },
      },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'dig +trace A one.acme.test',
        logged: 'problem dns (type and wording simulated)',
        along: ['ISS-05'],
      },
    ],
  },
  {
    number: 26,
    symptom: 'the authority answers `unauthorized`, or gets a wrong answer',
    cause: 'a CDN or another proxy stands in front, or the name leads to another machine',
    fix: 'at Cloudflare: set the record of one.example.org to “DNS only” (grey cloud)',
    planted: [
      { in: 'public world', finds: 'DNS-04', records: { a: { found: ['104.16.3.4'] } }, along: ['DNS-05'] },
      {
        in: 'public world',
        finds: 'DNS-05',
        fix: 'unless a load balancer stands between: at your DNS provider, one.example.org A 93.184.216.34',
        records: { a: { found: ['151.115.40.7'] } },
      },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'dig +short A one.acme.test && dig +short AAAA one.acme.test',
        logged: 'name points to another server',
        along: ['ISS-05'],
      },
    ],
  },
  {
    number: 27,
    symptom: '429 `rateLimited`: too many failed authorizations, or too many certificates for these names',
    cause: 'restarts in a circle while DNS is wrong, or a container without a volume for its certificates',
    fix: 'wait: each restart asks again. Keep the certificate store; try things out with `autocert_use_staging: true`',
    planted: [
      {
        in: 'public world',
        finds: 'ISS-05',
        logged: 'rate limit at newOrder, Retry-After 3600 (simulated)',
        now: Date.UTC(2026, 10, 23, 18),
        along: ['ISS-04'],
      },
      { in: 'files', finds: 'AUTOCERT_VOLUME', fix: 'mount a named volume at /data/autocert' },
    ],
  },
  {
    number: 29,
    symptom: 'the log says `storage is probably misconfigured`',
    cause: 'the folder for certificates cannot be written, is read-only, or its disk is full',
    fix: 'give the folder behind /data/autocert to the gateway’s user, as in: chown -R 65532:65532',
    planted: [
      { in: 'public world', finds: 'ISS-04', logged: 'autocert_dir not writable' },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'take `:ro` off its mount in docker-compose.yaml',
        logged: 'autocert_dir read-only',
      },
      { in: 'public world', finds: 'ISS-04', fix: 'df -hi', logged: 'autocert_dir full' },
      {
        in: 'test',
        finds: 'ISS-03',
        file: 'test/unit/doctor-issuance/issuance-checks.test.ts',
        title: 'tells a folder that its owner cannot write',
      },
    ],
  },
  {
    number: 30,
    symptom: 'in the first minutes 443 refuses connections while 80 answers',
    cause: 'certificates are asked for one after the other before Envoy starts; a silent authority takes 91 s a host',
    fix: 'let Pomerium out to port 443',
    planted: [
      { in: 'public world', finds: 'ISS-04', logged: 'ACME server accepts and never answers' },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'let Pomerium out to port 443',
        logged: 'egress to the ACME server dropped',
      },
    ],
  },
  {
    number: 31,
    symptom: 'Claude, ChatGPT and other public clients fail, while the browser works after a click',
    cause: 'the certificate is of the staging authority, or self-signed',
    fix: 'delete `autocert_use_staging` once issuance works',
    planted: [
      { in: 'files', finds: 'AUTOCERT_STAGING' },
      {
        in: 'public world',
        finds: 'ISS-08',
        fix: 'edit pomerium-config.yaml: drop `autocert_use_staging`, then',
        shows: { issuer: '(STAGING) Wannabe Watercress R11', distrust: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
        along: ['ISS-07'],
      },
      {
        in: 'client',
        finds: 'claude-ai',
        fix: 'a certificate from one',
        client: 'claude-ai',
        traits: { hasPrivateAuthority: true },
      },
    ],
  },
  {
    number: 34,
    symptom: 'the authority, or a client, asks an IPv6 address on which nobody listens',
    cause: 'the AAAA record is one of a former machine',
    fix: 'at your DNS provider: delete the AAAA record of one.example.org, or correct it',
    planted: [
      { in: 'public world', finds: 'DNS-06', records: { aaaa: { found: ['2a00:1450::7'] } } },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'dig +short A one.acme.test && dig +short AAAA one.acme.test',
        logged: 'stale AAAA',
        along: ['ISS-05'],
      },
    ],
  },
];
