import { randomUUID } from 'node:crypto';
import type { ComposeModel } from './compose-model.ts';
import { composeDigest } from './environment.ts';
import type { Proof } from './prove.ts';
import type { StartScene } from './start.ts';
import { digestOf, readState, writeState } from './state-file.ts';

/** Whether the same files were seen to work before. */
export async function isProven({ project, env }: Pick<StartScene, 'project' | 'env'>): Promise<boolean> {
  const before = await readState(project.paths.state);
  return (
    before !== undefined &&
    Object.keys(before.tools).length > 0 &&
    before.config === digestOf(project.configText) &&
    before.compose === (await composeDigest(project, env))
  );
}

/** Keeps what the next `up` will want to know. */
export async function remember(
  { project, survey, env }: Pick<StartScene, 'project' | 'survey' | 'env'>,
  proofs: readonly Proof[],
): Promise<void> {
  const before = await readState(project.paths.state);
  const tools = proofs.flatMap((proof) => (proof.kind === 'called' ? [[proof.route.from, proof.tools] as const] : []));
  await writeState(project.paths.state, {
    version: 1,
    project: survey.model.name,
    compose: await composeDigest(project, env),
    model: withoutValues(survey.model),
    config: digestOf(project.configText),
    data: (survey.hasData && before?.data) || randomUUID(),
    tools: Object.fromEntries(tools),
  });
}

/** Passwords stand among them, and their names are all that is asked for. */
function withoutValues({ name, services }: ComposeModel): ComposeModel {
  const kept = services.map((service) => ({
    ...service,
    environment: Object.fromEntries(Object.keys(service.environment).map((key) => [key, ''])),
  }));
  return { name, services: kept };
}
