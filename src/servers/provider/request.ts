import type { Json } from './json.ts';
import { ProviderFailure } from './failure.ts';

export interface ProviderRequest {
  /** Every API here is only read from; POST is for Notion's search, which takes its words in a body. */
  method?: 'GET' | 'POST';
  /** Parts of the path below the base URL; each is encoded. */
  path: readonly string[];
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: Json;
}

/** The URL of a request. Whatever a part says, it stays one part: no argument of a tool leaves the API it is meant for. */
export function urlOf(base: string, { path, query = {} }: ProviderRequest): URL {
  const parts = path.map((part) => {
    if (part === '' || part === '.' || part === '..') throw new ProviderFailure(`\`${part}\` is no name`);
    return encodeURIComponent(part.toWellFormed());
  });
  const url = new URL(`${base.replace(/\/+$/, '')}/${parts.join('/')}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
