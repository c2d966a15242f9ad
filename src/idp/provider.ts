import { errors, interactionPolicy, Provider as OidcProvider } from 'oidc-provider';
import { scriptedUser } from './authorization.ts';
import { configurationOf, type ProviderOptions } from './configuration.ts';
import { logEvents } from './events.ts';
import { handleRequest } from './handlers.ts';
import type { Interaction, OidcContext, OidcError, Prompt, Provider } from './oidc.ts';
import { showError, showSignedOut, showSignOutQuestion } from './show.ts';
import { PATHS, type Site } from './site.ts';

const MODELS = [
  'AccessToken',
  'AuthorizationCode',
  'Grant',
  'IdToken',
  'Interaction',
  'RefreshToken',
  'Session',
] as const;

/** Builds the provider for one set of users and redirect URIs. All it remembers is in the state, so it can be built anew at any time. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, users, client, log } = options;
  const provider = new OidcProvider(issuer, {
    ...configurationOf(options, alreadyUsed),
    ...pages(() => site),
  });
  nameModels(provider);
  const site: Site = { issuer, users, client, provider, isSignInOver };
  const origins = client.redirectUris.map((uri) => URL.parse(uri)?.origin);
  // Pomerium signs out to /.pomerium/signed_out of the same host, or to where its configuration says.
  provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => origins.includes(URL.parse(uri)?.origin ?? 'null');
  provider.proxy = true;
  provider.use(async (ctx, next) => handleRequest(site, ctx, next));
  logEvents(provider, users, log);
  return provider;
}

function alreadyUsed(): Error {
  return new errors.InvalidGrant('it was used already, by a request at the same time');
}

function isSignInOver(error: unknown): boolean {
  return error instanceof errors.SessionNotFound;
}

/** Records and lifetimes are filed under the names of these classes, and a minified build has other names. */
function nameModels(provider: Provider): void {
  for (const name of MODELS) {
    Object.defineProperty(provider[name], 'name', { value: name });
  }
}

function pages(site: () => Site): Record<string, unknown> {
  return {
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx: OidcContext, client: unknown, token: { clientId?: string }) => isOwn(client, token),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx: OidcContext, form: string) => showSignOutQuestion(site(), ctx, form),
        postLogoutSuccessSource: async (ctx: OidcContext) => showSignedOut(site(), ctx),
      },
    },
    interactions: {
      policy: signInPolicy(),
      // Two tabs may wait at once. A request that remembered the session it began with would fail when the other tab ends it.
      url: async (_ctx: OidcContext, interaction: Interaction) => {
        interaction.session = undefined;
        await interaction.persist();
        return `${PATHS.signIn}/${interaction.uid}`;
      },
    },
    renderError: async (ctx: OidcContext, out: Record<string, string>, error: OidcError) =>
      showError(site(), ctx, out, error),
  };
}

/**
 * When the page is shown: for every authorization request of a browser, except prompt=none. Pomerium keeps people signed in
 * by its own cookie and sends them here only when that is gone; then a click is cheap, and a silent sign-in as the last user
 * would make it impossible to become another one. The last user's button has the focus, so Enter is enough.
 */
function signInPolicy(): Prompt[] {
  const defaults = interactionPolicy.base();
  const login = defaults.get('login');
  login.checks.remove('login_prompt');
  login.checks.add(
    new interactionPolicy.Check('user_not_chosen', 'a user has to be chosen', 'login_required', (ctx) => {
      if (ctx.oidc.result?.login || scriptedUser(ctx) !== undefined) return false;
      return !ctx.oidc.prompts.has('none') || ctx.oidc.account === undefined;
    }),
  );
  // Choosing a user settles these two as well; that is all that is left of them.
  const consent = defaults.get('consent');
  consent.checks.remove('consent_prompt');
  const selectAccount = new interactionPolicy.Prompt({ name: 'select_account', requestable: true });
  selectAccount.checks.remove('select_account_prompt');
  return [login, selectAccount, consent];
}

function isOwn(client: unknown, token: { clientId?: string }): boolean {
  return typeof client === 'object' && client !== null && 'clientId' in client && client.clientId === token.clientId;
}
