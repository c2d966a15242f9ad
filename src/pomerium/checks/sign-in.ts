import { nearest } from '../../nearest.ts';
import type { Report } from '../report.ts';
import type { GlobalKeys } from '../schema/global.ts';

const PROVIDERS = [
  'apple',
  'auth0',
  'azure',
  'cognito',
  'github',
  'gitlab',
  'google',
  'hosted',
  'oidc',
  'okta',
  'onelogin',
  'ping',
];
const NEED_URL = ['auth0', 'cognito', 'oidc', 'okta', 'ping'];

/** Pomerium starts without an identity provider that works and answers every sign-in with a page that does not say why. */
export function warnAboutSignIn(keys: GlobalKeys, report: Report): void {
  if (!keys.authenticate_service_url) return;
  const { idp_provider: provider, idp_provider_url: url, idp_client_id: client } = keys;
  const warn = (key: string, message: string, fix: string): void =>
    report.add({
      code: 'NO_SIGN_IN',
      severity: 'warning',
      path: [key],
      message,
      fix,
      why: 'Every sign-in ends on an error page.',
    });
  if (!provider) {
    warn(
      'authenticate_service_url',
      '`authenticate_service_url` is set and `idp_provider` is not',
      'write `idp_provider`, `idp_provider_url`, `idp_client_id` and `idp_client_secret`',
    );
    return;
  }
  if (!PROVIDERS.includes(provider)) {
    const close = nearest(provider, PROVIDERS);
    warn(
      'idp_provider',
      `\`idp_provider: ${provider}\` is unknown`,
      close ? `did you mean \`${close}\`?` : 'write `oidc` for a provider that is not in the list',
    );
  }
  if (NEED_URL.includes(provider) && !url)
    warn(
      'idp_provider',
      `\`idp_provider: ${provider}\` needs \`idp_provider_url\``,
      'write the issuer: `idp_provider_url: https://…`',
    );
  if (provider !== 'hosted' && !client)
    warn('idp_provider', '`idp_client_id` is missing', 'write the client id that the identity provider gave you');
}
