import type { IncomingMessage } from 'node:http';
import { refuseUnknownUser, SIGN_IN_HEADER } from './authorization.ts';
import type { Interaction, InteractionResult, OidcContext } from './oidc.ts';
import { errorPage, signInPage } from './pages.ts';
import { backToApplication, showPage } from './show.ts';
import type { Site } from './site.ts';
import { userOf } from './users.ts';

/** Bytes of a form that are read; a user's key is all it holds. */
const FORM_LIMIT = 4096;

/** Shows the sign-in page of an authorization request that waits, and takes its answer. */
export async function answerInteraction(site: Site, ctx: OidcContext): Promise<void> {
  const interaction = await findInteraction(site, ctx);
  if (!interaction) {
    const text = [
      'It is older than an hour, was answered already, or was begun in another browser.',
      'Start again from the application.',
    ];
    return showPage(ctx, 400, errorPage({ title: 'This sign-in is over', text, back: backToApplication(site) }));
  }
  const named = ctx.get(SIGN_IN_HEADER);
  if (named !== '') return userOf(site.users, named) ? signIn(site, ctx, named) : refuseUnknownUser(site, ctx, named);
  if (ctx.method === 'POST') return takeForm(site, ctx);
  const { accountId } = await site.provider.Session.get(ctx);
  const asking = { clientId: site.client.id, host: hostOf(interaction.params['redirect_uri']) };
  showPage(
    ctx,
    200,
    signInPage({ action: ctx.path, users: site.users, asking, likely: likelyUser(site, interaction, accountId) }),
  );
}

async function findInteraction(site: Site, ctx: OidcContext): Promise<Interaction | undefined> {
  try {
    return await site.provider.interactionDetails(ctx.req, ctx.res);
  } catch (error) {
    if (site.isSignInOver(error)) return undefined;
    throw error;
  }
}

async function takeForm(site: Site, ctx: OidcContext): Promise<void> {
  const form = await readForm(ctx.req);
  const key = form?.get('user') ?? '';
  if (form?.has('cancel')) {
    return goOn(site, ctx, { error: 'access_denied', error_description: 'the sign-in was cancelled' });
  }
  if (userOf(site.users, key)) return signIn(site, ctx, key);
  const text = [key === '' ? 'No user was chosen.' : `There is no user ${key}; the users may have changed.`];
  showPage(
    ctx,
    400,
    errorPage({ title: 'Nobody was signed in', text, back: { href: ctx.path, text: 'Choose a user' } }),
  );
}

/** Ends another user's session first: oidc-provider would do it with a page that needs JavaScript. */
async function signIn(site: Site, ctx: OidcContext, key: string): Promise<void> {
  const session = await site.provider.Session.get(ctx);
  if (session.accountId !== undefined && session.accountId !== key) await session.destroy();
  return goOn(site, ctx, { login: { accountId: key }, consent: {}, select_account: {} });
}

async function goOn(site: Site, ctx: OidcContext, result: InteractionResult): Promise<void> {
  const returnTo = await site.provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  ctx.redirect(returnTo);
  ctx.status = 303;
}

function likelyUser(site: Site, interaction: Interaction, lastUser: string | undefined): string | undefined {
  const hint = interaction.params['login_hint'];
  const hinted = Object.entries(site.users).find(
    ([key, user]) => hint !== undefined && (key === hint || user.email === hint),
  );
  return hinted?.[0] ?? lastUser;
}

function hostOf(uri: string | undefined): string {
  return URL.parse(uri ?? '')?.host ?? '';
}

/** Undefined: it is no form, or too long for one of ours. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined;
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > FORM_LIMIT) return undefined;
  }
  return new URLSearchParams(text);
}
