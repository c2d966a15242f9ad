import type { Fetch } from '../../net/fetch.ts';
import { ProviderApi } from '../provider/api.ts';
import { stringOf } from '../provider/json.ts';
import type { ProviderLimits } from '../provider/limits.ts';

export const NOTION_API_URL = 'https://api.notion.com';

/** The version that the public server asks for; pages and blocks are the same in later ones. */
const NOTION_VERSION = '2022-06-28';

export interface NotionOptions {
  fetch: Fetch;
  /** Instead of Notion's own. */
  apiUrl?: string;
  limits?: Partial<ProviderLimits>;
}

/** https://developers.notion.com/reference */
export function createNotionApi({ fetch, apiUrl = NOTION_API_URL, limits }: NotionOptions): ProviderApi {
  return new ProviderApi({
    name: 'notion',
    title: 'Notion',
    baseUrl: apiUrl,
    headers: { 'Notion-Version': NOTION_VERSION, Accept: 'application/json' },
    fetch,
    ...(limits ? { limits } : {}),
    messageOf: ({ message }) => stringOf(message),
  });
}
