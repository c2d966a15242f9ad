import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { signInFor, type SignInOptions } from './sign-in.ts';
import { findTarget, type Target } from './target.ts';
import { localTime } from '../ui/local-time.ts';

const FORMATS = ['token', 'header', 'headers', 'json'] as const;

export type TokenFormat = (typeof FORMATS)[number];

export interface TokenOptions extends SignInOptions {
  route: string;
  header?: boolean;
  format?: string;
}

export interface TokenResult {
  accessToken: string;
  tokenType: string;
  /** ISO 8601; absent when the server does not say. */
  expiresAt?: string;
  scope?: string;
  server: string;
  resource: string;
  issuer: string;
  clientId: string;
  from: 'cache' | 'refresh' | 'sign-in';
  format: TokenFormat;
}

/** Gets an External Token; the only command that prints one. */
export async function run(ctx: Ctx, options: TokenOptions): Promise<TokenResult> {
  const format = formatOf(options);
  const target = await findTarget(ctx, options.route);
  const token = await signInFor(ctx, target, options)();
  if (token.from === 'sign-in' && target.project)
    await assertAdmitted(ctx, target, token.accessToken, options.as ?? ctx.env['MCPGW_AS']);
  const { expiresAt, ...rest } = token;
  if (token.from === 'sign-in') ctx.note(signedIn(options.as, expiresAt));
  if (ctx.stdout.isTTY && !ctx.json && format === 'token') {
    ctx.note(`a whole line to paste: mcpgw curl ${target.word}${options.as ? ` --as ${options.as}` : ''}`);
  }
  return {
    ...rest,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    server: target.server.href,
    format,
  };
}

export { tokenScreen as screen } from '../ui/screens/token.ts';

function formatOf({ header, format }: TokenOptions): TokenFormat {
  if (format === undefined) return header ? 'header' : 'token';
  const known = FORMATS.find((one) => one === format);
  if (!known) throw usage(`--format: \`${format}\` is not one of ${FORMATS.join(', ')}`, `--format ${FORMATS[0]}`);
  if (header && known !== 'header')
    throw usage(`--header and --format ${known} ask for different things`, 'leave one of them out');
  return known;
}

function signedIn(user: string | undefined, expiresAt: number | undefined): string {
  const until = expiresAt === undefined ? '' : `; the token is good until ${localTime(new Date(expiresAt))}`;
  return `signed in${user ? ` as ${user}` : ''}${until}`;
}

/**
 * A gateway gives a token to everybody who can sign in, also to those whom the route's policy refuses (Pomerium looks at the policy
 * only when the token is used): better to hear of it now.
 */
async function assertAdmitted(ctx: Ctx, target: Target, accessToken: string, user: string | undefined): Promise<void> {
  const [{ listTools }, { explainDenial, policyNeedsTool }] = await Promise.all([
    import('../mcp/index.ts'),
    import('./denial.ts'),
  ]);
  try {
    await listTools({ server: target.server, accessToken, fetch: target.fetch(), signal: ctx.signal });
  } catch (error) {
    const explained = await explainDenial(error, target, user === undefined ? {} : { user });
    // Anything else is no reason to withhold the token: whoever uses it will see.
    const isDenied = error !== explained && !(await policyNeedsTool(target));
    if (isDenied || ctx.signal.aborted) throw explained;
  }
}
