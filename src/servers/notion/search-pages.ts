import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import type { FoundDocument } from '../provider/documents.ts';
import { listOf, stringOf } from '../provider/json.ts';
import { toDocument } from './page.ts';

const MOST_RESULTS = 100;
/** Notion may send fewer results than asked for, and may go on for ever. */
const MOST_REQUESTS = 5;

/** Pages whose title matches, in Notion's order. */
export async function searchPages(notion: ProviderSession, query: string): Promise<FoundDocument[]> {
  const found: FoundDocument[] = [];
  let cursor = '';
  for (let requests = 0; requests < MOST_REQUESTS && found.length < MOST_RESULTS; requests += 1) {
    const { value } = await notion.json({
      method: 'POST',
      path: ['v1', 'search'],
      body: { query, filter: { value: 'page', property: 'object' }, ...(cursor ? { start_cursor: cursor } : {}) },
    });
    const page = recordOf(value);
    const pages = listOf(page['results'])
      .map(recordOf)
      .filter(({ object }) => object === 'page');
    found.push(...pages.map(toDocument));
    cursor = page['has_more'] === true ? stringOf(page['next_cursor']) : '';
    if (!cursor) break;
  }
  return found.slice(0, MOST_RESULTS);
}
