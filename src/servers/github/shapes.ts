import { recordOf } from '../../json.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import { clean, cut, line } from '../provider/text.ts';

/** Characters of a description or comment. */
const LONGEST_BODY = 20_000;

/** What a model needs of GitHub's objects, which repeat dozens of URLs each. Members that are not there are left out. */
export type Shape = (value: Json) => Record<string, unknown>;

export const repository: Shape = (value) => ({
  full_name: text(value, 'full_name'),
  description: text(value, 'description'),
  private: value['private'],
  archived: value['archived'],
  fork: value['fork'],
  language: text(value, 'language'),
  stars: value['stargazers_count'],
  default_branch: text(value, 'default_branch'),
  updated_at: text(value, 'updated_at'),
  url: text(value, 'html_url'),
});

export const user: Shape = (value) => ({
  login: text(value, 'login'),
  name: text(value, 'name'),
  email: text(value, 'email'),
  company: text(value, 'company'),
  bio: text(value, 'bio'),
  url: text(value, 'html_url'),
});

export const issue: Shape = (value) => ({
  number: value['number'],
  title: text(value, 'title'),
  state: text(value, 'state'),
  state_reason: text(value, 'state_reason'),
  author: login(value),
  labels: listOf(value['labels']).map((label) => line(stringOf(label) || stringOf(recordOf(label)['name']))),
  comments: value['comments'],
  is_pull_request: 'pull_request' in value ? true : undefined,
  created_at: text(value, 'created_at'),
  updated_at: text(value, 'updated_at'),
  url: text(value, 'html_url'),
});

export const issueWithBody: Shape = (value) => ({ ...issue(value), body: body(value) });

export const pullRequest: Shape = (value) => ({
  ...issue(value),
  is_pull_request: undefined,
  draft: value['draft'],
  merged: value['merged'],
  mergeable_state: text(value, 'mergeable_state'),
  head: text(recordOf(value['head']), 'ref'),
  base: text(recordOf(value['base']), 'ref'),
  additions: value['additions'],
  deletions: value['deletions'],
  changed_files: value['changed_files'],
});

export const pullRequestWithBody: Shape = (value) => ({ ...pullRequest(value), body: body(value) });

export const label: Shape = (value) => ({ name: text(value, 'name'), description: text(value, 'description') });

export const comment: Shape = (value) => ({
  author: login(value),
  path: text(value, 'path'),
  line: value['line'],
  state: text(value, 'state'),
  created_at: text(value, 'created_at') || text(value, 'submitted_at'),
  body: body(value),
});

export const changedFile: Shape = (value) => ({
  path: text(value, 'filename'),
  status: text(value, 'status'),
  additions: value['additions'],
  deletions: value['deletions'],
  patch: cut(clean(stringOf(value['patch'])), LONGEST_BODY),
});

export const check: Shape = (value) => ({
  name: text(value, 'name') || text(value, 'context'),
  status: text(value, 'status') || text(value, 'state'),
  conclusion: text(value, 'conclusion'),
  description: text(value, 'description'),
  url: text(value, 'html_url') || text(value, 'target_url'),
});

export const codeMatch: Shape = (value) => ({
  repository: text(recordOf(value['repository']), 'full_name'),
  path: text(value, 'path'),
  url: text(value, 'html_url'),
  fragments: listOf(value['text_matches']).map((match) => clean(stringOf(recordOf(match)['fragment']))),
});

export const entry: Shape = (value) => ({
  type: text(value, 'type'),
  path: text(value, 'path'),
  size: value['size'],
});

function text(value: Json, name: string): string | undefined {
  return line(stringOf(value[name]), 1000) || undefined;
}

function login(value: Json): string | undefined {
  return text(recordOf(value['user']), 'login');
}

function body(value: Json): string {
  return cut(clean(stringOf(value['body'])), LONGEST_BODY);
}
