import { textOf, type Tool } from '../tool.ts';
import type { ProviderApi, ProviderSession } from './api.ts';
import { DOCUMENT_SCHEMA, documentAnswer, RESULTS_SCHEMA, resultsAnswer, type FoundDocument } from './documents.ts';
import { answering, ProviderFailure } from './failure.ts';

/** What a provider's two tools say of themselves and do. */
export interface DocumentSource {
  fetch: { description: string; id: string; run(session: ProviderSession, id: string): Promise<FoundDocument> };
  search: { description: string; run(session: ProviderSession, query: string): Promise<FoundDocument[]> };
}

const READS = { readOnlyHint: true, openWorldHint: true };

/** `fetch` and `search` over one provider, in order of their names. */
export function documentTools(api: ProviderApi, { fetch, search }: DocumentSource): Tool[] {
  return [
    {
      name: 'fetch',
      description: fetch.description,
      arguments: { id: fetch.id },
      output: DOCUMENT_SCHEMA,
      annotations: READS,
      call: async (args, caller) =>
        answering('fetch', async () => documentAnswer(await fetch.run(api.session(caller), textOf(args, 'id')))),
    },
    {
      name: 'search',
      description: search.description,
      arguments: { query: 'The search query to execute' },
      output: RESULTS_SCHEMA,
      annotations: READS,
      call: async (args, caller) =>
        answering('search', async () => {
          const session = api.session(caller);
          const query = textOf(args, 'query').trim();
          if (query === '') throw new ProviderFailure('query cannot be empty');
          return resultsAnswer(await search.run(session, query));
        }),
    },
  ];
}
