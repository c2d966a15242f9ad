import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import type { FoundDocument } from '../provider/documents.ts';
import { listOf, stringOf } from '../provider/json.ts';
import { FILE_FIELDS, FOLDER, toDocument } from './file.ts';

const MOST_RESULTS = 100;
const PAGE = 50;
/** Google may send fewer files than asked for, or none, and still go on. */
const MOST_REQUESTS = 5;

/** Files whose name or text matches, the best first. https://developers.google.com/workspace/drive/api/guides/search-files */
export async function searchFiles(drive: ProviderSession, words: string): Promise<FoundDocument[]> {
  const found: FoundDocument[] = [];
  let pageToken: string | undefined;
  for (let requests = 0; requests < MOST_REQUESTS && found.length < MOST_RESULTS; requests += 1) {
    const { value } = await drive.json({
      path: ['drive', 'v3', 'files'],
      query: {
        q: `fullText contains '${escape(words)}' and trashed = false and mimeType != '${FOLDER}'`,
        pageSize: PAGE,
        pageToken,
        fields: `nextPageToken,files(${FILE_FIELDS})`,
        supportsAllDrives: 'true',
        includeItemsFromAllDrives: 'true',
      },
    });
    const page = recordOf(value);
    found.push(...listOf(page['files']).map((file) => toDocument(recordOf(file))));
    pageToken = stringOf(page['nextPageToken']) || undefined;
    if (pageToken === undefined) break;
  }
  return found.slice(0, MOST_RESULTS);
}

/** In Drive's query language a text ends at a quote: the words of a model stay words. */
function escape(words: string): string {
  return words.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
