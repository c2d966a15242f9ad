import { recordOf } from '../../json.ts';
import type { Fetch } from '../../net/fetch.ts';
import { ProviderApi } from '../provider/api.ts';
import { stringOf } from '../provider/json.ts';
import type { ProviderLimits } from '../provider/limits.ts';
import { meaningOf } from './refusals.ts';

export const GOOGLE_DRIVE_API_URL = 'https://www.googleapis.com';

export interface GoogleDriveOptions {
  fetch: Fetch;
  /** Instead of Google's own. */
  apiUrl?: string;
  limits?: Partial<ProviderLimits>;
}

/** https://developers.google.com/workspace/drive/api/reference/rest/v3 */
export function createGoogleDriveApi(options: GoogleDriveOptions): ProviderApi {
  const { fetch, apiUrl = GOOGLE_DRIVE_API_URL, limits } = options;
  return new ProviderApi({
    name: 'google-drive',
    title: 'Google Drive',
    baseUrl: apiUrl,
    headers: {},
    fetch,
    ...(limits ? { limits } : {}),
    messageOf: ({ error }) => stringOf(recordOf(error)['message']),
    meaningOf,
  });
}
