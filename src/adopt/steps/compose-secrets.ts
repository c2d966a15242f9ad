import { recordOf } from '../../json.ts';
import { COMPOSE_FILE } from '../../project/paths.ts';
import { replaceScalar } from '../../project/index.ts';
import { changed, dataOf, leftByHand, type Draft, type Scene, type Step } from '../draft.ts';
import { environmentOf, isReference, literalOf, type Variable } from '../environment.ts';
import { isSecret, keepsInEnv, nameInEnv, required } from '../secret-names.ts';
import { withPassword } from '../connection-string.ts';

const WHY = 'the compose file is committed and shown; .env is for this machine alone';

/** Secrets that stand in the compose file go to .env, and their names stay. */
export const composeSecrets: Step = (draft, scene) =>
  Object.keys(recordOf(dataOf(draft.compose)['services'])).reduce(
    (next, service) =>
      environmentOf(next.compose, service).reduce((one, variable) => moved(one, scene, service, variable), next),
    draft,
  );

function moved(draft: Draft, scene: Scene, service: string, { name, value, path, isItem }: Variable): Draft {
  if (value === null || isReference(value) || !isSecret(name, value)) return draft;
  const literal = literalOf(value);
  const shared = withPassword(literal, draft.env);
  const own = nameInEnv(name, service, literal, draft, scene);
  const written = shared ?? required(own);
  const compose = keepsInEnv(literal)
    ? replaceScalar(draft.compose, path, isItem ? `${name}=${written}` : written)
    : undefined;
  if (compose === undefined)
    return leftByHand(draft, `${COMPOSE_FILE}: move the value of ${name} of ${service} to .env`, WHY);
  const env = shared === undefined ? { ...draft.env, [own]: literal } : draft.env;
  const where = shared === undefined ? own : 'POSTGRES_PASSWORD';
  return changed(
    draft,
    { compose, env },
    { file: COMPOSE_FILE, what: `${name} of ${service} is in .env, as ${where}`, why: WHY },
  );
}
