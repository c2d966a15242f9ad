import type { Fetch } from '../../net/fetch.ts';
import { apiUrlFrom, type Environment } from '../environment.ts';

/** What a server of a provider's API is told: nothing but, for tests and servers of one's own, another address. */
export interface ProviderSettings {
  fetch: Fetch;
  apiUrl?: string;
}

interface Surroundings {
  env: Environment;
  fetch: Fetch;
  note: (line: string) => void;
}

/** `variable` holds the other address; `usual` is the provider's own. Throws a CliError for what is no URL. */
export function providerSettings(
  { env, fetch, note }: Surroundings,
  variable: string,
  usual: string,
): ProviderSettings {
  const apiUrl = apiUrlFrom(env, variable, usual);
  if (apiUrl === undefined) return { fetch };
  if (isReadable(new URL(apiUrl))) note(`${variable} is not https: users’ tokens travel there in the clear`);
  return { fetch, apiUrl };
}

function isReadable({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !/^(?:127\.\d+\.\d+\.\d+|\[::1\]|(?:.*\.)?localhost)$/.test(hostname);
}
