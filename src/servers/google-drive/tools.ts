import { DOCUMENT_SCHEMA, documentAnswer, RESULTS_SCHEMA, resultsAnswer } from '../provider/documents.ts';
import { answering, ProviderFailure } from '../provider/failure.ts';
import { textOf, type Tool } from '../tool.ts';
import { createGoogleDriveApi, type GoogleDriveOptions } from './api.ts';
import { fetchFile } from './fetch-file.ts';
import { searchFiles } from './search-files.ts';

const READS = { readOnlyHint: true, openWorldHint: true };

/** In order of their names. */
export function googleDriveTools(options: GoogleDriveOptions): Tool[] {
  const api = createGoogleDriveApi(options);
  return [
    {
      name: 'fetch',
      description: 'Fetch the text of a Google Doc, Sheet, Slides presentation or text file by its ID',
      arguments: { id: 'The ID of the file to fetch' },
      output: DOCUMENT_SCHEMA,
      annotations: READS,
      call: async (args, caller) =>
        answering('fetch', async () => documentAnswer(await fetchFile(api.session(caller), textOf(args, 'id')))),
    },
    {
      name: 'search',
      description: 'Search the files of Google Drive by name and text',
      arguments: { query: 'The search query to execute' },
      output: RESULTS_SCHEMA,
      annotations: READS,
      call: async (args, caller) =>
        answering('search', async () => {
          const session = api.session(caller);
          const query = textOf(args, 'query').trim();
          if (query === '') throw new ProviderFailure('query cannot be empty');
          return resultsAnswer(await searchFiles(session, query));
        }),
    },
  ];
}
