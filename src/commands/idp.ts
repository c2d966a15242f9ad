import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { idpOptionsFromEnv, startIdp } from '../idp/index.ts';
import type { Log } from '../net/log.ts';
import { untilAborted } from '../until-aborted.ts';
import { jsonLog } from './foreground.ts';
import type { AsUpstreamOptions } from './idp-as-upstream.ts';

export interface IdpCommandOptions extends AsUpstreamOptions {
  asUpstream?: boolean;
}

/** Runs the development identity provider, or the mock of an upstream service, until Ctrl+C. Its log goes to stderr, one JSON object a line. */
export async function run(ctx: Ctx, { asUpstream, ...options }: IdpCommandOptions = {}): Promise<void> {
  const log = jsonLog(ctx);
  if (asUpstream) return (await import('./idp-as-upstream.ts')).runAsUpstream(ctx, options, log);
  assertNoFlags(options);
  await runIdp(ctx, log);
}

async function runIdp(ctx: Ctx, log: Log): Promise<void> {
  const options = idpOptionsFromEnv(ctx.env);
  const idp = await startIdp({ ...options, log });
  ctx.note(`listening on ${idp.address.host}:${idp.address.port}`);
  ctx.note(`discovery: ${options.issuer}/.well-known/openid-configuration`);
  if (options.stateFile === ':memory:') ctx.note('IDP_STATE is not set: sign-ins end with this process');
  await untilAborted(ctx.signal);
  await idp.close();
}

/** The identity provider is set by the environment alone; a flag without an effect would mislead. */
function assertNoFlags(options: AsUpstreamOptions): void {
  const { registration = true, documents = true, ...others } = options;
  const isGiven = !registration || !documents || Object.values(others).some((value) => value !== undefined);
  if (isGiven) {
    throw usage(
      'the flags of `mcpgw idp` belong to --as-upstream',
      'mcpgw idp --as-upstream, or mcpgw help environment',
    );
  }
}
