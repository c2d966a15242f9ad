import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { findSecrets, loadProject, type FoundSecret } from '../project/index.ts';
import { requireProject } from '../stack/index.ts';
import { givenByOthers } from './secrets-account.ts';
import { rotate, type RotateResult } from './secrets-rotate.ts';

export interface SecretsOptions {
  /** list, rotate */
  action?: string;
  names?: string[];
  yes?: boolean;
  dryRun?: boolean;
}

export interface SecretsList {
  kind: 'listed';
  /** `rotatable`: mcpgw can make a new value. */
  secrets: (FoundSecret & { rotatable: boolean })[];
  now: number;
}

export type SecretsResult = SecretsList | RotateResult;

/** Shows the secrets of a project, never their values, or gives them new ones. */
export async function run(ctx: Ctx, options: SecretsOptions): Promise<SecretsResult> {
  const action = options.action ?? 'list';
  if (action === 'rotate') return rotate(ctx, options);
  if (action === 'list' && (options.names ?? []).length === 0) return list(ctx);
  throw usage(
    action === 'list' ? 'secrets list takes no names' : `secrets can \`list\` and \`rotate\`, not \`${action}\``,
    'mcpgw secrets list',
  );
}

export { secretsScreen as screen } from '../ui/screens/secrets.ts';

async function list(ctx: Ctx): Promise<SecretsList> {
  const project = await loadProject(await requireProject(ctx.cwd), ctx.env);
  const found = await findSecrets(project, ctx.env);
  const secrets = found.map((secret) => ({
    ...secret,
    rotatable: givenByOthers(secret.name, project.settings) === undefined,
  }));
  return { kind: 'listed', secrets, now: ctx.now() };
}
