import type { Tool } from '../tool.ts';
import { objectAnswer } from './answers.ts';
import { createGithubApi, type GithubOptions } from './api.ts';
import { CONTENTS } from './contents.ts';
import { bind, type GithubTool } from './github-tool.ts';
import { ISSUES } from './issues.ts';
import { PULL_REQUESTS } from './pull-requests.ts';
import { SEARCHES } from './search.ts';
import { user } from './shapes.ts';

const ME: GithubTool = {
  name: 'get_me',
  description: 'Who the token belongs to',
  arguments: {},
  call: async (github) => objectAnswer((await github.json({ path: ['user'] })).value, user),
};

/** Names and arguments are those of GitHub's own MCP server, as far as it reads; in order of their names. */
export function githubTools(options: GithubOptions): Tool[] {
  const api = createGithubApi(options);
  return [ME, CONTENTS, ...ISSUES, ...PULL_REQUESTS, ...SEARCHES]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((tool) => bind(tool, api));
}
