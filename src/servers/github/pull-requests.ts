import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import { stringOf } from '../provider/json.ts';
import { clean } from '../provider/text.ts';
import { numberOf, textOf, type Arguments, type ToolAnswer } from '../tool.ts';
import { objectAnswer, pageAnswer, textAnswer } from './answers.ts';
import { inRepository, optional, REPOSITORY, type GithubTool } from './github-tool.ts';
import { DIRECTION, STATE } from './issues.ts';
import { PAGING, pagingOf } from './paging.ts';
import { changedFile, check, comment, pullRequest, pullRequestWithBody, type Shape } from './shapes.ts';

/** Bytes of a diff that are read. */
const MOST_BYTES = 1024 * 1024;

/** Method of pull_request_read -> the list below the pull request. */
const LISTS: Readonly<Record<string, { below: 'issues' | 'pulls'; path: string; shape: Shape }>> = {
  get_comments: { below: 'issues', path: 'comments', shape: comment },
  get_files: { below: 'pulls', path: 'files', shape: changedFile },
  get_review_comments: { below: 'pulls', path: 'comments', shape: comment },
  get_reviews: { below: 'pulls', path: 'reviews', shape: comment },
};

/** Method of pull_request_read -> the list of checks of its last commit, and the member it stands in. */
const CHECKS: Readonly<Record<string, { path: string; member: string }>> = {
  get_check_runs: { path: 'check-runs', member: 'check_runs' },
  get_status: { path: 'status', member: 'statuses' },
};

const METHODS = ['get', 'get_diff', ...Object.keys(LISTS), ...Object.keys(CHECKS)];

/** https://docs.github.com/en/rest/pulls */
export const PULL_REQUESTS: readonly GithubTool[] = [
  {
    name: 'list_pull_requests',
    description: 'List the pull requests of a repository',
    arguments: {
      ...REPOSITORY,
      state: STATE,
      head: { type: 'string', description: 'Only those from this branch: user:branch', optional: true },
      base: { type: 'string', description: 'Only those into this branch', optional: true },
      direction: DIRECTION,
      ...PAGING,
    },
    call: listPullRequests,
  },
  {
    name: 'pull_request_read',
    description: 'Read a pull request: itself, its diff, files, comments, reviews or checks',
    arguments: {
      method: { type: 'string', description: 'What to read', enum: METHODS },
      ...REPOSITORY,
      pullNumber: { type: 'integer', description: 'Number of the pull request', minimum: 1 },
      ...PAGING,
    },
    call: readPullRequest,
  },
];

async function listPullRequests(github: ProviderSession, args: Arguments): Promise<ToolAnswer> {
  const chosen = ['state', 'head', 'base', 'direction'].map((name) => [name, optional(args, name)]);
  const query = { ...Object.fromEntries(chosen), ...pagingOf(args) };
  const answer = await github.json({ path: inRepository(args, 'pulls'), query });
  return pageAnswer(answer.value, answer.headers, pullRequest);
}

async function readPullRequest(github: ProviderSession, args: Arguments): Promise<ToolAnswer> {
  const method = textOf(args, 'method');
  const number = numberOf(args, 'pullNumber') ?? 0;
  const path = inRepository(args, 'pulls', number);
  if (method === 'get_diff') {
    const headers = { Accept: 'application/vnd.github.diff' };
    const { bytes, isCut } = await github.bytes({ path, headers }, MOST_BYTES);
    return textAnswer(clean(bytes.toString('utf8')), isCut);
  }
  const list = LISTS[method];
  if (list) {
    const below = inRepository(args, list.below, number, list.path);
    const answer = await github.json({ path: below, query: pagingOf(args) });
    return pageAnswer(answer.value, answer.headers, list.shape);
  }
  const { value } = await github.json({ path });
  const checks = CHECKS[method];
  if (!checks) return objectAnswer(value, pullRequestWithBody);
  const commit = stringOf(recordOf(recordOf(value)['head'])['sha']);
  const below = inRepository(args, 'commits', commit, checks.path);
  const answer = await github.json({ path: below, query: pagingOf(args) });
  return pageAnswer(recordOf(answer.value)[checks.member], answer.headers, check);
}
