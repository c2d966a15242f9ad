import { COMPOSE_FILE } from '../../project/paths.ts';
import { interpolate } from '../../project/interpolate.ts';
import { replaceScalar } from '../../project/index.ts';
import { advised, changed, dataOf, leftByHand, type Draft, type Scene, type Step } from '../draft.ts';
import { addVariable, environmentOf } from '../environment.ts';
import { required } from '../secret-names.ts';

const WHY = {
  SHARED_SECRET: 'without it each start makes one up: tokens, registered clients and sessions end with every restart',
  COOKIE_SECRET: 'without it each start makes one up, and browsers have to sign in again',
  SIGNING_KEY: 'it signs what tells MCP servers who is calling; one of its own stays when the shared secret changes',
} as const;

type Name = keyof typeof WHY;

/** Secrets that have to outlive a restart: in .env under their own names, where `mcpgw up` and `mcpgw secrets` look for them. */
export const missingSecrets: Step = (draft, scene) =>
  (Object.keys(WHY) as Name[]).reduce((next, name) => provided(next, scene, name), draft);

function provided(draft: Draft, scene: Scene, name: Name): Draft {
  const { found, gateway, secrets } = scene;
  const key = name.toLowerCase();
  const data = dataOf(draft.config);
  if (data[`${key}_file`] !== undefined)
    return advised(draft, `\`${key}_file\` stays as it is; \`mcpgw up\` wants a value for ${name} in .env as well`);
  if (data[key] !== undefined) return draft;
  const written = environmentOf(draft.compose, gateway).find((one) => one.name === name);
  const known = { ...found.variables, ...draft.env };
  if (written && known[name]) return draft;
  // What the gateway has had so far: as a variable of another name, or from a file of its own.
  const current = written ? interpolate(written.value ?? `\${${name}}`, known) : found.gatewayEnvFile[name];
  const value = known[name] || current || secrets[name];
  const compose = written
    ? replaceScalar(draft.compose, written.path, written.isItem ? `${name}=${required(name)}` : required(name))
    : addVariable(draft.compose, gateway, name, required(name));
  const what = `${name} is in .env, ${current ? 'as it was' : 'newly made'}, and ${gateway} gets it`;
  if (compose === undefined)
    return leftByHand(draft, `${COMPOSE_FILE}: environment of ${gateway}: ${name}: ${required(name)}`, WHY[name]);
  return changed(
    draft,
    { compose, env: { ...draft.env, [name]: value } },
    { file: COMPOSE_FILE, what, why: WHY[name] },
  );
}
