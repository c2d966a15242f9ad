import { isRecord, recordOf } from '../json.ts';
import { parseYaml } from '../project/index.ts';

/** One change of the syntax, in a file of its own. Applied until it has nothing more to do. */
export interface Step {
  /** Stable. */
  id: string;
  /** Why, with the release that brought it. */
  why: string;
  /** The next place that needs it, mended; undefined when there is none. */
  apply(config: Config): Change | undefined;
}

export interface Change {
  /** Undefined: the place has a form that is for a person to edit. */
  text: string | undefined;
  /** What was done, or has to be done by hand, with the place. */
  what: string;
  /** What else a person has to do, outside of the file. */
  afterwards?: string;
}

/** The file as text and as data, keys as written. */
export interface Config {
  text: string;
  data: Readonly<Record<string, unknown>>;
  routes: readonly PlacedRoute[];
}

export interface PlacedRoute {
  /** For the person: its name, else its host. */
  name: string;
  path: readonly (string | number)[];
  data: Readonly<Record<string, unknown>>;
  /** The value of `mcp` when it is a map. */
  mcp?: Readonly<Record<string, unknown>>;
}

/** Throws when the text is no YAML. */
export function readConfigText(text: string, file: string): Config {
  const data = recordOf(parseYaml(text, file).data);
  const routes = ['routes', 'policy'].flatMap((list) => {
    const entries = Array.isArray(data[list]) ? (data[list] as unknown[]) : [];
    return entries.flatMap((entry, i): PlacedRoute[] => {
      if (!isRecord(entry)) return [];
      const { mcp } = entry;
      return [{ name: nameOf(entry), path: [list, i], data: entry, ...(isRecord(mcp) ? { mcp } : {}) }];
    });
  });
  return { text, data, routes };
}

function nameOf({ name, from }: Readonly<Record<string, unknown>>): string {
  if (typeof name === 'string') return name;
  return typeof from === 'string' ? from : 'a route without `from`';
}

/** The first answer that is one. */
export function firstOf<T, R>(items: readonly T[], ask: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const answer = ask(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
