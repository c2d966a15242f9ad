import { recordOf } from '../json.ts';
import { append, isInBrackets, parseYaml } from '../project/index.ts';
import { serviceOf } from './draft.ts';

export interface Variable {
  name: string;
  /** As written; null: it is handed on from the shell or .env. */
  value: string | null;
  /** Of its value, or of the list's item. */
  path: (string | number)[];
  isItem: boolean;
}

/** A service's `environment`, which Compose allows as a map and as a list of `NAME=value`. */
export function environmentOf(compose: string, service: string): Variable[] {
  const { environment } = serviceOf(compose, service);
  const path = ['services', service, 'environment'];
  if (Array.isArray(environment)) {
    return environment.map((one: unknown, i) => {
      const [name = '', ...rest] = String(one).split('=');
      return { name, value: rest.length === 0 ? null : rest.join('='), path: [...path, i], isItem: true };
    });
  }
  return Object.entries(recordOf(environment)).map(([name, value]) => ({
    name,
    value: isPlain(value) ? String(value) : null,
    path: [...path, name],
    isItem: false,
  }));
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Adds a variable in the form that the service has already. Undefined where that form has to be edited by hand. */
export function addVariable(compose: string, service: string, name: string, value: string): string | undefined {
  const { environment } = serviceOf(compose, service);
  const { document } = parseYaml(compose, '');
  const path = ['services', service, 'environment'];
  if (Array.isArray(environment) && environment.length > 0) {
    const item = `${name}=${value}`;
    return append(compose, path, [`- ${isInBrackets(document, [...path, 0]) ? JSON.stringify(item) : item}`]);
  }
  const isThere = Object.keys(recordOf(environment)).length > 0;
  const inBrackets = isInBrackets(document, isThere ? [...path, ''] : path);
  const line = `${name}: ${inBrackets ? JSON.stringify(value) : value}`;
  // A map in brackets takes one line.
  if (!isThere && inBrackets) return append(compose, path.slice(0, -1), [`environment: {${line}}`]);
  return append(compose, path, [line]);
}

/** Whether a value of the compose file names a variable; `$$` is a dollar sign there. */
export function isReference(value: string): boolean {
  return /\$/.test(value.replaceAll('$$', ''));
}

/** The value that a container gets of one that names no variable. */
export function literalOf(value: string): string {
  return value.replaceAll('$$', '$');
}
