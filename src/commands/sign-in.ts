import type { Ctx } from '../context.ts';
import { stateFolder } from '../context-node.ts';
import { usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { createTokenStore, obtainToken, type ObtainTokenOptions, type Token, type TokenStore } from '../oauth/index.ts';
import type { Target } from './target.ts';
import { realmOf } from './target-project.ts';

/** The flags that all commands which need a token share. */
export interface SignInOptions {
  as?: string;
  /** False with --no-browser. */
  browser?: boolean;
  scope?: string;
  clientId?: string;
  clientSecret?: string;
  clientMetadataUrl?: string;
  callbackPort?: number;
  /** Seconds. */
  timeout?: number;
  fresh?: boolean;
}

export type Obtain = (rejected?: ObtainTokenOptions['rejected']) => Promise<Token>;

/** How a token for the target is got; what a server turned away is given back to it. `ownStore`: in place of the user's. */
export function signInFor(
  ctx: Ctx,
  target: Target,
  given: SignInOptions,
  fetch = target.fetch(),
  ownStore?: TokenStore,
): Obtain {
  const options = withEnvironment(ctx, given);
  const as = options.as === undefined ? undefined : scripted(target, options.as);
  const browser = options.browser !== false;
  const command = ['mcpgw token', target.word, ...(options.as === undefined ? [] : ['--as', options.as])].join(' ');
  const { scope, clientId, clientSecret, clientMetadataUrl, callbackPort, timeout } = options;
  const shared: Omit<ObtainTokenOptions, 'store'> = {
    server: target.server,
    ...(as ? { as } : {}),
    browser,
    interactive: ctx.interactive,
    // BROWSER says that there is one, even without a terminal; --no-browser that somebody reads stderr.
    unattended: browser && !ctx.interactive && !ctx.env['BROWSER'],
    ...(scope === undefined ? {} : { scope }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    ...(callbackPort === undefined ? {} : { callbackPort }),
    ...(timeout === undefined ? {} : { signInTimeout: timeout * 1000 }),
    fetch,
    openUrl: async (url) => ctx.openUrl(url),
    prompt: ctx.prompt,
    now: () => ctx.now(),
    signal: ctx.signal,
    note: (line) => ctx.note(line),
    command,
  };
  return async (rejected) => {
    const store = ownStore ?? (await storeFor(ctx, target));
    return obtainToken({ ...shared, store, ...(rejected ? { rejected } : { fresh: given.fresh === true }) });
  };
}

async function storeFor(ctx: Ctx, { project }: Target): Promise<TokenStore> {
  const folder = stateFolder(ctx.env, process.platform);
  const realm = project && (await realmOf(project));
  return createTokenStore({ folder, note: (line) => ctx.note(line), ...(realm === undefined ? {} : { realm }) });
}

/** A flag beats MCPGW_*. A secret on the command line is seen by everybody on the machine, so it has its variable above all. */
function withEnvironment({ env }: Ctx, given: SignInOptions): SignInOptions {
  const pick = (flag: string | undefined, name: string): string | undefined => flag ?? (env[name] || undefined);
  return {
    ...given,
    as: pick(given.as, 'MCPGW_AS'),
    scope: pick(given.scope, 'MCPGW_SCOPE'),
    clientId: pick(given.clientId, 'MCPGW_CLIENT_ID'),
    clientSecret: pick(given.clientSecret, 'MCPGW_CLIENT_SECRET'),
    clientMetadataUrl: pick(given.clientMetadataUrl, 'MCPGW_CLIENT_METADATA_URL'),
  };
}

/** Where `--as` signs in. Throws when the user or the identity provider is not there. */
export function scripted({ project, word }: Target, user: string): NonNullable<ObtainTokenOptions['as']> {
  if (!project?.identityProvider) {
    throw usage(
      `--as ${user}: there is no development identity provider to sign in at${project ? '; the project uses another one' : ` for ${word}`}`,
      `mcpgw token ${word}    # signs in with the browser`,
    );
  }
  if (!project.users.includes(user)) {
    const close = nearest(user, project.users);
    throw usage(
      `--as ${user}: there is no such development user; there are ${project.users.join(', ')}`,
      close
        ? `mcpgw token ${word} --as ${close}`
        : 'add the user under x-mcpgw.users in docker-compose.yaml, then: mcpgw up',
    );
  }
  return { user, identityProvider: new URL(project.identityProvider), mocks: project.mockProviders };
}
