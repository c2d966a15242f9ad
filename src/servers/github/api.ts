import { recordOf } from '../../json.ts';
import type { Fetch } from '../../net/fetch.ts';
import { ProviderApi } from '../provider/api.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import type { ProviderLimits } from '../provider/limits.ts';
import { meaningOf } from './refusals.ts';

export const GITHUB_API_URL = 'https://api.github.com';

const API_VERSION = '2022-11-28';

export interface GithubOptions {
  fetch: Fetch;
  /** Instead of github.com's own: `https://github.example.com/api/v3` for a server of one's own. */
  apiUrl?: string;
  limits?: Partial<ProviderLimits>;
}

/** https://docs.github.com/en/rest */
export function createGithubApi({ fetch, apiUrl = GITHUB_API_URL, limits }: GithubOptions): ProviderApi {
  return new ProviderApi({
    name: 'github',
    title: 'GitHub',
    baseUrl: apiUrl,
    // GitHub refuses requests that do not say who asks.
    headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': API_VERSION, 'User-Agent': 'mcpgw' },
    fetch,
    ...(limits ? { limits } : {}),
    messageOf,
    meaningOf,
  });
}

/** `Validation Failed` alone helps nobody: what failed stands beside it. */
function messageOf({ message, errors }: Json): string {
  const details = listOf(errors)
    .map((error) => stringOf(recordOf(error)['message']) || stringOf(error))
    .filter((text) => text !== '');
  return [stringOf(message), ...details].join('; ');
}
