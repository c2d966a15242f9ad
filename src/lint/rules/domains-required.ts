import type { Rule } from '../rule.ts';

export const domainsRequired: Rule = {
  id: 'CLIENT_DOMAINS_REQUIRED',
  severity: 'error',
  from: 'v0.32.0',
  to: 'v0.32.1',
  title: 'v0.32.0 is given domains of client metadata documents',
  why: 'That one release refuses to start without the list: `config: mcp_allowed_client_id_domains is required when MCP is enabled`.',
  fix: 'list the domains of your clients, or take v0.33.1',
  source: 'Pomerium v0.32.0 config/options.go',
  *check({ config: { options } }) {
    if (!options || options.runtime_flags['mcp'] !== true || options.mcp_allowed_client_id_domains.length > 0) return;
    yield { path: [], message: '`mcp_allowed_client_id_domains` is empty' };
  },
};
