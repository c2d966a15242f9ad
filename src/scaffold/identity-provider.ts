import { yamlScalar } from './allow.ts';
import type { IdentityProvider } from './presets/index.ts';

/** A provider as a project names it; what nobody told yet is a placeholder. */
export interface ChosenProvider {
  preset: IdentityProvider;
  clientId: string;
  /** Absent: Pomerium knows it. */
  url?: string;
  /** Whether the client's secret was told, too. */
  hasSecret: boolean;
}

export const CLIENT_ID_PLACEHOLDER = 'YOUR-CLIENT-ID';
export const PROVIDER_URL_PLACEHOLDER = 'https://YOUR-IDENTITY-PROVIDER';

/** The keys of pomerium-config.yaml that say who signs people in. */
export function identityProviderText({ preset, clientId, url }: ChosenProvider, redirectUri: string): string {
  const { title, console, idpProvider, scopes, notes = [], groups } = preset;
  const isPlaceholder = url === PROVIDER_URL_PLACEHOLDER;
  return [
    `# ${title}. Register an application there with this redirect URI:`,
    `#   ${redirectUri}`,
    `# ${console}`,
    ...notes.flatMap((note) => comment(`${capital(note)}.`)),
    ...(typeof groups === 'string' ? comment(`Groups: ${groups}.`) : []),
    `idp_provider: ${idpProvider}`,
    ...(url === undefined
      ? []
      : [`idp_provider_url: ${url}${isPlaceholder ? `   # ${preset.url?.example ?? ''}` : ''}`]),
    `idp_client_id: ${yamlScalar(clientId)}`,
    ...(scopes ? [`idp_scopes: [${scopes.join(', ')}]`] : []),
  ].join('\n');
}

/** What is still to be filled in, and where. */
export function missingOf({ clientId, url, hasSecret }: ChosenProvider): string[] {
  return [
    ...(url === PROVIDER_URL_PLACEHOLDER ? ['idp_provider_url in pomerium-config.yaml'] : []),
    ...(clientId === CLIENT_ID_PLACEHOLDER ? ['idp_client_id in pomerium-config.yaml'] : []),
    ...(hasSecret ? [] : ['IDP_CLIENT_SECRET in .env']),
  ];
}

/** Lines of 88 columns at most, as the rest of the file has them. */
function comment(text: string): string[] {
  const lines = text.match(/\S.{0,85}(?=\s|$)/g) ?? [];
  return lines.map((line) => `# ${line}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
