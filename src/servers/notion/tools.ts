import { documentTools } from '../provider/document-tools.ts';
import type { Tool } from '../tool.ts';
import { createNotionApi, type NotionOptions } from './api.ts';
import { fetchPage } from './fetch-page.ts';
import { searchPages } from './search-pages.ts';

/** In order of their names, as the public server lists them. */
export function notionTools(options: NotionOptions): Tool[] {
  return documentTools(createNotionApi(options), {
    fetch: { description: 'Fetch a document by ID', id: 'The ID of the document to fetch', run: fetchPage },
    search: { description: 'search by page title\n', run: searchPages },
  });
}
