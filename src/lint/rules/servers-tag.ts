import type { Rule } from '../rule.ts';
import { tagOf } from '../subject.ts';

export const serversTag: Rule = {
  id: 'SERVERS_TAG',
  severity: 'warning',
  title: 'pomerium/mcp-servers has a tag that is kept up',
  why: '`latest` was left behind in November 2025 and lacks servers; only `main` and `git-…` are published.',
  fix: 'write pomerium/mcp-servers:main, or take the servers of mcpgw',
  source: 'pomerium/mcp-servers, pull request 12',
  *check({ compose }) {
    for (const { name, image = '' } of compose?.model.services ?? []) {
      if (!/(^|\/)pomerium\/mcp-servers([:@]|$)/.test(image) || tagOf(image) !== 'latest') continue;
      yield { in: 'compose', path: ['services', name, 'image'], message: `${image} is an old image` };
    }
  },
};
