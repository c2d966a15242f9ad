import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import { listOf } from '../provider/json.ts';
import { numberOf, textOf, type ArgumentSpec, type Arguments, type ToolAnswer } from '../tool.ts';
import { objectAnswer, pageAnswer } from './answers.ts';
import { inRepository, optional, REPOSITORY, type GithubTool } from './github-tool.ts';
import { PAGING, pagingOf } from './paging.ts';
import { comment, issue, issueWithBody, label, type Shape } from './shapes.ts';

export const STATE: ArgumentSpec = {
  type: 'string',
  description: 'Which ones (open)',
  optional: true,
  enum: ['open', 'closed', 'all'],
};
export const DIRECTION: ArgumentSpec = {
  type: 'string',
  description: 'Order (desc)',
  optional: true,
  enum: ['asc', 'desc'],
};

/** Method of issue_read -> where its list is and what of it is shown. */
const PARTS: Readonly<Record<string, { path: string; shape: Shape }>> = {
  get_comments: { path: 'comments', shape: comment },
  get_labels: { path: 'labels', shape: label },
  get_sub_issues: { path: 'sub_issues', shape: issue },
};

/** https://docs.github.com/en/rest/issues */
export const ISSUES: readonly GithubTool[] = [
  {
    name: 'issue_read',
    description: 'Read an issue: itself, its comments, labels or sub-issues',
    arguments: {
      method: { type: 'string', description: 'What to read', enum: ['get', ...Object.keys(PARTS)] },
      ...REPOSITORY,
      issue_number: { type: 'integer', description: 'Number of the issue', minimum: 1 },
      ...PAGING,
    },
    call: readIssue,
  },
  {
    name: 'list_issues',
    description: 'List the issues of a repository, without its pull requests',
    arguments: {
      ...REPOSITORY,
      state: STATE,
      labels: { type: 'string', description: 'Labels they all have, separated by commas', optional: true },
      since: { type: 'string', description: 'Only those updated since then: 2026-01-31T00:00:00Z', optional: true },
      direction: DIRECTION,
      ...PAGING,
    },
    call: listIssues,
  },
];

async function readIssue(github: ProviderSession, args: Arguments): Promise<ToolAnswer> {
  const path = inRepository(args, 'issues', numberOf(args, 'issue_number') ?? 0);
  const part = PARTS[textOf(args, 'method')];
  if (!part) return objectAnswer((await github.json({ path })).value, issueWithBody);
  const answer = await github.json({ path: [...path, part.path], query: pagingOf(args) });
  return pageAnswer(answer.value, answer.headers, part.shape);
}

async function listIssues(github: ProviderSession, args: Arguments): Promise<ToolAnswer> {
  const chosen = ['state', 'labels', 'since', 'direction'].map((name) => [name, optional(args, name)]);
  const query = { ...Object.fromEntries(chosen), ...pagingOf(args) };
  const answer = await github.json({ path: inRepository(args, 'issues'), query });
  // To GitHub's list every pull request is an issue too.
  const issues = listOf(answer.value).filter((one) => !('pull_request' in recordOf(one)));
  return pageAnswer(issues, answer.headers, issue);
}
