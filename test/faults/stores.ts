import type { Fault } from './fault.ts';
import { provider } from './provider.ts';
import { recordedAs } from './recordings.ts';

const STUCK = {
  logged: 'renewal fails while running, ACME CA private; reload during it; stopped at the end',
  until: '2026-11-23T17:20',
  along: ['ISS-04', 'ISS-05'],
};

/** What has to be kept, and what is handed from one part to the next. */
export const stores: readonly Fault[] = [
  {
    number: 75,
    symptom: 'the health check is content, and the first call fails or is slow',
    cause: 'the health page answers about a second before the MCP routes do',
    fix: 'mcpgw up waits for a real call of each route, and names one that never goes through',
    planted: [
      {
        in: 'test',
        finds: 'NOT_READY',
        file: 'test/cli/prove.test.ts',
        title: 'a call that fails is tried again until it goes through',
      },
      {
        in: 'test',
        finds: 'NOT_READY',
        file: 'test/cli/prove.test.ts',
        title: 'one that never goes through names its route',
      },
    ],
  },
  {
    number: 76,
    symptom: 'every refresh is `invalid_grant` although there is a refresh token',
    cause: 'Pomerium hands one out even where the identity provider gave none',
    fix: 'edit pomerium-config.yaml: an OpenID Connect provider, and cookie_expire as long as a session may last',
    planted: [
      {
        in: 'project',
        finds: 'SGN-05',
        look: ['SGN-01', 'SGN-05'],
        plant: () => provider({ grant_types_supported: ['authorization_code'] }, () => new Response()),
      },
      {
        in: 'files',
        finds: 'NO_REFRESH',
        fix: 'raise `cookie_expire`, or choose a provider that gives refresh tokens (Google, Entra ID, Okta, any OIDC provider with offline_access)',
      },
    ],
  },
  {
    number: 77,
    symptom: 'in Docker an edited configuration is never taken over, whatever is restarted or reloaded',
    cause: 'the editor put a new file in place of the one that is mounted',
    fix: 'mcpgw restart pomerium',
    planted: [
      { in: 'project', finds: 'DKR-09', container: { replaced: ['/srv/gw/pomerium-config.yaml'] } },
      {
        in: 'test',
        finds: 'DKR-09',
        file: 'test/unit/stack/docker/replaced-file.test.ts',
        title: 'a file that was written anew under the same name is',
      },
    ],
  },
  {
    number: 78,
    symptom: 'a good token gets the challenge, and registration answers 500',
    cause: 'the database was not there, or refused, when Pomerium started; it looks alive all the same',
    fix: 'mcpgw restart pomerium',
    planted: [
      { in: 'log', finds: 'LOG-04', lines: () => recordedAs('start-without-postgres') },
      { in: 'log', finds: 'LOG-04', fix: 'edit the connection string', lines: () => recordedAs('wrong-database') },
      {
        in: 'files',
        finds: 'DATABASE_NOT_AWAITED',
        fix: 'give the database a `healthcheck`, and Pomerium `depends_on: {postgres: {condition: service_healthy}}`',
      },
    ],
  },
  {
    number: 79,
    symptom: '502 without a body on calls, while the health check is content',
    cause: 'the database went away',
    fix: 'mcpgw doctor --only docker',
    planted: [{ in: 'log', finds: 'LOG-06', lines: () => recordedAs('postgres-gone'), along: ['LOG-04'] }],
  },
  {
    number: 80,
    symptom: 'access tokens work, every refresh is `invalid_grant` for good',
    cause: 'the identity provider lost what it knew',
    fix: 'sign in again; keep the provider’s state',
    planted: [{ in: 'log', finds: 'LOG-05', lines: () => recordedAs('idp-lost-its-state') }],
  },
  {
    number: 84,
    symptom: '`password authentication failed for user` after `.env` was written anew',
    cause: 'the database’s volume keeps the password of its first start',
    fix: 'put the old POSTGRES_PASSWORD back into .env',
    planted: [
      { in: 'project', finds: 'DKR-12', engine: { passwordFits: false } },
      { in: 'log', finds: 'LOG-04', lines: () => recordedAs('wrong-password') },
      {
        in: 'test',
        finds: 'DKR-12',
        file: 'test/e2e/doctor-docker.test.ts',
        title: 'doctor finds nothing wrong with a healthy project on Docker, and names a password that does not fit',
      },
    ],
  },
  {
    number: 85,
    symptom: '`certificate signed by unknown authority` although `autocert_trusted_ca` is set',
    cause: 'the keys have no effect on v0.33.1',
    fix: 'SSL_CERT_FILE',
    planted: [
      { in: 'files', finds: 'AUTOCERT_CA_IGNORED' },
      { in: 'public world', finds: 'ISS-04', logged: 'ACME CA in autocert_trusted_ca_file only' },
      { in: 'public world', finds: 'ISS-04', logged: 'ACME CA in autocert_trusted_ca only' },
    ],
  },
  {
    number: 86,
    symptom: 'the certificate that is served comes to its end although the store has a newer one',
    cause: 'the renewed one was not handed to Envoy',
    fix: 'mcpgw restart',
    planted: [
      { in: 'public world', finds: 'ISS-07', shows: { issuer: 'R11', age: 60 }, stored: 'newer', along: ['ISS-09'] },
      {
        in: 'public world',
        finds: 'ISS-06',
        logged: 'renewal while running, new certificate not handed to Envoy (context canceled)',
      },
    ],
  },
  {
    number: 87,
    symptom: 'the log says that the configuration was loaded, and a new route stays 404',
    cause: 'a renewal that fails holds up every change behind it',
    fix: 'mcpgw restart',
    planted: [{ in: 'public world', finds: 'ISS-06', ...STUCK }],
  },
  {
    number: 88,
    symptom: 'a gateway with a private authority asks Let’s Encrypt’s staging service',
    cause: 'retries of a renewal go to the test authority that is built in',
    fix: 'mcpgw restart',
    planted: [{ in: 'public world', finds: 'ISS-06', ...STUCK }],
  },
  {
    number: 89,
    symptom: 'a certificate never comes although DNS, ports and the store are well',
    cause: 'broken files in the store are never replaced',
    fix: 'move the folder certificates/<authority>/one.acme.test of the store away: it is never issued again over it',
    planted: [
      { in: 'public world', finds: 'ISS-04', logged: 'stored key of another certificate' },
      { in: 'public world', finds: 'ISS-04', logged: 'stored key unreadable' },
      { in: 'public world', finds: 'ISS-04', logged: 'stored .crt corrupt, another .key missing' },
      { in: 'public world', finds: 'ISS-07', fix: '.crt.old', shows: { issuer: 'R11' }, stored: 'rubbish' },
    ],
  },
];
