import { COMPOSE_FILE, CONFIG_FILE } from '../../project/paths.ts';
import { removeAt } from '../../project/index.ts';
import { withPassword } from '../connection-string.ts';
import { changed, dataOf, leftByHand, type Draft, type Scene, type Step } from '../draft.ts';
import { addVariable, environmentOf } from '../environment.ts';
import { isPlaceholder, keepsInEnv, nameInEnv, required } from '../secret-names.ts';

/** Pomerium v0.33.1 config/options.go: each key has its variable, and the variable beats the file. */
const KEYS = [
  'shared_secret',
  'cookie_secret',
  'signing_key',
  'idp_client_secret',
  'databroker_storage_connection_string',
] as const;

const WHY = 'Pomerium’s file is committed, shown and mounted; its variable beats the file anyway';

/** Global secrets go from Pomerium's file to .env, and reach Pomerium through its environment. */
export const fileSecrets: Step = (draft, scene) => KEYS.reduce((next, key) => moved(next, scene, key), draft);

function moved(draft: Draft, scene: Scene, key: (typeof KEYS)[number]): Draft {
  const { gateway, found } = scene;
  const value = dataOf(draft.config)[key];
  if (typeof value !== 'string' || value === '' || isPlaceholder(value) || /\$\{[A-Z_]/.test(value)) return draft;
  if (key === 'databroker_storage_connection_string' && !/:[^/@]+@/.test(value)) return draft;
  const name = key.toUpperCase();
  const config = removeAt(draft.config, [key]);
  const isBeaten =
    name in found.gatewayEnvFile || environmentOf(draft.compose, gateway).some((one) => one.name === name);
  if (config !== undefined && isBeaten)
    return changed(
      draft,
      { config },
      { file: CONFIG_FILE, what: `\`${key}\` is gone`, why: `the variable ${name} beats it, so it had no effect` },
    );
  const text = inOneLine(value);
  const shared = withPassword(text, draft.env);
  const own = nameInEnv(name, gateway, text, draft, scene);
  const compose = addVariable(draft.compose, gateway, name, shared ?? required(own));
  const what = `\`${key}\` is in .env, and ${gateway} gets it as ${name}`;
  if (config === undefined || compose === undefined || !keepsInEnv(text))
    return leftByHand(draft, `${CONFIG_FILE}, ${COMPOSE_FILE}: ${what}`, WHY);
  const env = shared === undefined ? { ...draft.env, [own]: text } : draft.env;
  return changed(draft, { config, compose, env }, { file: CONFIG_FILE, what, why: WHY });
}

/** Pomerium takes a key as PEM and as base64 of PEM. */
function inOneLine(value: string): string {
  return value.includes('-----BEGIN') ? Buffer.from(value).toString('base64') : value;
}
