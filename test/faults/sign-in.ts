import { replace } from './change.ts';
import type { Fault } from './fault.ts';
import { provider } from './provider.ts';
import { recordedAs, said } from './recordings.ts';

/** Sign-in at the identity provider. */
export const signIn: readonly Fault[] = [
  {
    number: 36,
    symptom: 'the provider shows `redirect_uri_mismatch`, or AADSTS50011',
    cause: 'the application there lacks `<authenticate_service_url>/oauth2/callback`',
    fix: 'register at the provider: https://authenticate.localhost',
    planted: [
      {
        in: 'project',
        finds: 'SGN-03',
        look: ['SGN-01', 'SGN-03'],
        plant: () => provider({}, () => new Response('redirect_uri_mismatch', { status: 400 })),
      },
    ],
  },
  {
    number: 37,
    symptom: 'a sign-in ends in `provider is not defined`, `unknown provider` or `missing provider url`',
    cause: 'the `idp_` keys are missing or wrong',
    fix: 'write the issuer: `idp_provider_url: https://…`',
    planted: [
      { in: 'files', finds: 'NO_SIGN_IN', broken: { config: replace(/idp_provider_url.*\n/, '') } },
      {
        in: 'log',
        finds: 'LOG-05',
        fix: 'edit pomerium-config.yaml: idp_provider',
        lines: () => recordedAs('login-no-idp'),
      },
      {
        in: 'log',
        finds: 'LOG-05',
        fix: 'edit pomerium-config.yaml: idp_provider',
        lines: () => recordedAs('login-unknown-idp'),
      },
      {
        in: 'log',
        finds: 'LOG-05',
        fix: 'edit pomerium-config.yaml: idp_provider',
        lines: () => recordedAs('login-no-idp-url'),
      },
    ],
  },
  {
    number: 38,
    symptom: 'a page says `The request expired`',
    cause: 'the sign-in took more than five minutes, or clocks differ',
    fix: 'timedatectl set-ntp true',
    planted: [
      {
        in: 'project',
        finds: 'MAC-04',
        plant: () => ({
          fetch: async () => async () =>
            new Response('', { headers: { date: new Date(Date.now() - 600_000).toUTCString() } }),
        }),
      },
    ],
  },
  {
    number: 39,
    symptom: '`hmac failed`, or a fault of a signature or of HPKE, at the callback',
    cause: 'services of one installation have different secrets, or a secret was made anew during a sign-in',
    fix: 'mcpgw doctor --only secrets',
    planted: [
      { in: 'log', finds: 'LOG-05', lines: () => [said('httputil: error', 'Bad Request: hmac failed')] },
      {
        in: 'log',
        finds: 'LOG-05',
        lines: () => [said('httputil: error', 'hpke: error requesting hpke-public-key endpoint')],
      },
    ],
  },
  {
    number: 40,
    symptom: 'every refresh is `invalid_grant`; users sign in anew when the session ends',
    cause: 'the hosted sign-in, GitHub, or a provider that was not asked for `offline_access`',
    fix: 'raise `cookie_expire`, or choose a provider that gives refresh tokens (Google, Entra ID, Okta, any OIDC provider with offline_access)',
    planted: [
      { in: 'files', finds: 'NO_REFRESH' },
      {
        in: 'files',
        finds: 'NO_REFRESH',
        fix: 'add offline_access to idp_scopes, unless your provider gives refresh tokens without it',
        broken: { config: replace(', offline_access', '') },
      },
      {
        in: 'files',
        finds: 'NO_REFRESH_GRANT',
        fix: 'take v0.33.1',
        along: ['KEY_TOO_NEW', 'MCP_FLAG_OFF', 'STREAM_TIMEOUT'],
      },
    ],
  },
  {
    number: 41,
    symptom: 'nobody can sign in with the company’s accounts',
    cause: 'Pomerium’s hosted sign-in knows e-mail, Google and GitHub only',
    fix: 'write `authenticate_service_url` and the `idp_` keys of your own provider, or live with it while you try things',
    planted: [{ in: 'files', finds: 'HOSTED_AUTHENTICATE' }],
  },
];
