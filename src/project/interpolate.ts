const PATTERN =
  /\$(?:(?<escaped>\$)|\{(?<braced>[A-Za-z_]\w*)(?:(?<operator>:?[-?+])(?<operand>[^}]*))?\}|(?<plain>[A-Za-z_]\w*))/g;

/**
 * Fills variables into a value of the compose file as Compose does: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`,
 * `${NAME:?text}`, `${NAME:+other}`, `$$`. Compose specification, Interpolation; nested defaults are left out.
 */
export function interpolate(value: string, env: Readonly<Record<string, string | undefined>>): string {
  return value.replace(PATTERN, (_whole, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    if (groups['escaped']) return '$';
    const found = env[groups['braced'] ?? groups['plain'] ?? ''];
    const operator = groups['operator'] ?? '';
    const operand = groups['operand'] ?? '';
    const isSet = operator.startsWith(':') ? found !== undefined && found !== '' : found !== undefined;
    if (operator.endsWith('-')) return isSet ? (found ?? '') : operand;
    if (operator.endsWith('+')) return isSet ? operand : '';
    return found ?? '';
  });
}
