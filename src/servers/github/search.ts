import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import type { ArgumentSpec, Arguments, ToolAnswer } from '../tool.ts';
import { pageAnswer } from './answers.ts';
import { needed, optional, type GithubTool } from './github-tool.ts';
import { PAGING, pagingOf } from './paging.ts';
import { codeMatch, issue, repository, type Shape } from './shapes.ts';

const ORDER: ArgumentSpec = { type: 'string', description: 'Order (desc)', optional: true, enum: ['asc', 'desc'] };

function sortedBy(...values: string[]): ArgumentSpec {
  return { type: 'string', description: 'Sort by (best match)', optional: true, enum: values };
}

/** https://docs.github.com/en/rest/search/search */
export const SEARCHES: readonly GithubTool[] = [
  {
    name: 'search_code',
    description: 'Search code, in the syntax of GitHub: `words repo:owner/name language:go path:src`',
    arguments: { query: 'What to search for', ...PAGING },
    // Of code only this form brings the lines that match.
    call: async (github, args) =>
      search(github, args, 'code', codeMatch, { Accept: 'application/vnd.github.text-match+json' }),
  },
  {
    name: 'search_issues',
    description: 'Search issues and pull requests, in the syntax of GitHub: `words repo:owner/name is:issue is:open`',
    arguments: {
      query: 'What to search for',
      sort: sortedBy('comments', 'created', 'updated'),
      order: ORDER,
      ...PAGING,
    },
    call: async (github, args) => search(github, args, 'issues', issue),
  },
  {
    name: 'search_repositories',
    description: 'Search repositories, in the syntax of GitHub: `words language:go stars:>100 user:name`',
    arguments: { query: 'What to search for', sort: sortedBy('stars', 'forks', 'updated'), order: ORDER, ...PAGING },
    call: async (github, args) => search(github, args, 'repositories', repository),
  },
];

async function search(
  github: ProviderSession,
  args: Arguments,
  kind: string,
  shape: Shape,
  headers: Record<string, string> = {},
): Promise<ToolAnswer> {
  const query = { q: needed(args, 'query'), sort: optional(args, 'sort'), order: optional(args, 'order') };
  const answer = await github.json({ path: ['search', kind], query: { ...query, ...pagingOf(args) }, headers });
  const { items, total_count, incomplete_results } = recordOf(answer.value);
  return pageAnswer(items, answer.headers, shape, { total_count, incomplete_results });
}
