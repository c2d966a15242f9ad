import { once } from 'node:events';
import type { Ctx } from '../context.ts';
import { idpOptionsFromEnv, startIdp } from '../idp/index.ts';

/** Runs the development identity provider until Ctrl+C. Its log goes to stderr, one JSON object a line. */
export async function run(ctx: Ctx): Promise<void> {
  const options = idpOptionsFromEnv(ctx.env);
  const log = (entry: Record<string, unknown>): void => {
    ctx.stderr.write(`${JSON.stringify({ time: new Date(ctx.now()).toISOString(), ...entry })}\n`);
  };
  const idp = await startIdp({ ...options, log });
  ctx.note(`listening on ${idp.address.host}:${idp.address.port}`);
  ctx.note(`discovery: ${options.issuer}/.well-known/openid-configuration`);
  if (options.stateFile === ':memory:') ctx.note('IDP_STATE is not set: sign-ins end with this process');
  if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
  await idp.close();
}
