import { answering, ProviderFailure } from '../provider/failure.ts';
import { DOCUMENT_SCHEMA, documentAnswer, RESULTS_SCHEMA, resultsAnswer } from '../provider/documents.ts';
import { textOf, type Tool } from '../tool.ts';
import { createNotionApi, type NotionOptions } from './api.ts';
import { fetchPage } from './fetch-page.ts';
import { searchPages } from './search-pages.ts';

const READS = { readOnlyHint: true, openWorldHint: true };

/** In order of their names, as the public server lists them. */
export function notionTools(options: NotionOptions): Tool[] {
  const api = createNotionApi(options);
  return [
    {
      name: 'fetch',
      description: 'Fetch a document by ID',
      arguments: { id: 'The ID of the document to fetch' },
      output: DOCUMENT_SCHEMA,
      annotations: READS,
      call: async (args, caller) =>
        answering('fetch', async () => documentAnswer(await fetchPage(api.session(caller), textOf(args, 'id')))),
    },
    {
      name: 'search',
      description: 'search by page title\n',
      arguments: { query: 'The search query to execute' },
      output: RESULTS_SCHEMA,
      annotations: READS,
      call: async (args, caller) =>
        answering('search', async () => {
          const session = api.session(caller);
          const query = textOf(args, 'query').trim();
          if (query === '') throw new ProviderFailure('query cannot be empty');
          return resultsAnswer(await searchPages(session, query));
        }),
    },
  ];
}
