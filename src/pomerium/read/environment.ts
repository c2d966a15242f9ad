import { isRecord } from '../../json.ts';
import { globalSchema } from '../schema/global.ts';

/** Keys whose children have variables of their own instead (config/options.go, bindEnvsRecursive: structs without pointer). */
const NESTED: Record<string, readonly string[]> = {
  downstream_mtls: ['ca', 'ca_file', 'crl', 'crl_file', 'enforcement', 'match_subject_alt_names', 'max_verify_depth'],
};

/** Variables that are not named after their key. */
const VARIABLES: Record<string, string> = { set_response_headers: 'HEADERS' };

export interface Overlaid {
  data: Record<string, unknown>;
  /** Dotted path -> the variable that set it. */
  variables: Map<string, string>;
}

/** Lays the environment over the file's data, as viper.BindEnv does: an empty variable counts as unset. */
export function overlayEnvironment(
  data: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): Overlaid {
  const result = { ...data };
  const variables = new Map<string, string>();
  for (const key of Object.keys(globalSchema.shape)) {
    const children = NESTED[key];
    if (children) overlayChildren(result, key, children, env, variables);
    const variable = VARIABLES[key] ?? key.toUpperCase();
    const value = children ? undefined : env[variable];
    if (!value) continue;
    result[key] = key === 'set_response_headers' ? readHeaders(value) : value;
    variables.set(key, variable);
  }
  return { data: result, variables };
}

function overlayChildren(
  result: Record<string, unknown>,
  key: string,
  children: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  variables: Map<string, string>,
): void {
  for (const child of children) {
    const variable = `${key}_${child}`.toUpperCase();
    const value = env[variable];
    if (!value) continue;
    const parent = result[key];
    result[key] = { ...(isRecord(parent) ? parent : {}), [child]: value };
    variables.set(`${key}.${child}`, variable);
  }
}

/** JSON, or `Name:value,Name:value`. */
function readHeaders(value: string): unknown {
  if (value.trimStart().startsWith('{')) return value;
  return Object.fromEntries(value.split(',').map((pair) => pair.split(/:(.*)/s, 2)));
}
