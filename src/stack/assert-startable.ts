import { CliError } from '../errors.ts';
import type { Options } from '../pomerium/model.ts';
import type { Project } from '../project/index.ts';
import { shellWord } from '../shell-word.ts';

/** Throws for what each file allows by itself and what the project could still not run with. */
export function assertStartable(project: Project, options: Options): void {
  assertSecrets(project, options);
  assertIdpPort(project, options);
}

/**
 * Throws when the project has no value for a secret. The gateway would make one up at each start and so end every session;
 * the identity provider would take a client without one.
 */
function assertSecrets({ folder, secrets, settings }: Project, options: Options): void {
  const wanted: [string, string | undefined][] = [
    ['SHARED_SECRET', options.shared_secret],
    ['COOKIE_SECRET', options.cookie_secret],
    ...(settings.idp ? ([['IDP_CLIENT_SECRET', options.idp_client_secret]] as [string, string | undefined][]) : []),
  ];
  const missing = wanted.filter(([name, value]) => !value && !secrets[name]).map(([name]) => name);
  if (missing.length === 0) return;
  throw new CliError({
    code: 'SECRET_MISSING',
    message: `.env has no value for ${missing.join(', ')}`,
    why: 'without fixed secrets every start would end all sessions',
    fix: `mcpgw create ${shellWord(folder)} --yes    # adds what is missing and keeps the rest`,
    details: { missing },
  });
}

/** The development identity provider is reached under the URL that the gateway knows, so both must name one port. */
function assertIdpPort({ settings }: Project, { idp_provider_url: url }: Options): void {
  const named = URL.parse(url ?? '');
  if (!settings.idp || named?.hostname !== `idp.${settings.domain}`) return;
  const port = Number(named.port || (named.protocol === 'https:' ? 443 : 80));
  if (port === settings.idp.port) return;
  throw new CliError({
    code: 'IDP_PORT_MISMATCH',
    message: `x-mcpgw.idp.port is ${settings.idp.port}, and idp_provider_url names port ${port}`,
    why: 'the gateway would look for the identity provider where it is not, and nobody could sign in',
    fix: `edit docker-compose.yaml and pomerium-config.yaml: the same port in both, also under services.idp`,
  });
}
