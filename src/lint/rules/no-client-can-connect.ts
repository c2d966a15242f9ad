import type { Rule } from '../rule.ts';
import { hasServers } from '../subject.ts';

export const noClientCanConnect: Rule = {
  id: 'NO_CLIENT_CAN_CONNECT',
  severity: 'error',
  from: 'v0.33.0',
  title: 'There is a way for MCP clients to become known',
  why: 'Dynamic registration is off unless it is switched on, and with an empty list of domains every client metadata document is refused: no MCP client can connect at all.',
  fix: 'write `runtime_flags: {mcp_dynamic_client_registration: true}`, or list the domains of your clients in `mcp_allowed_client_id_domains`',
  source: 'Pomerium v0.33.1 config/runtime_flags.go, internal/mcp/domain_matcher.go',
  *check(subject) {
    const { options, data } = subject.config;
    if (!options || !hasServers(subject)) return;
    if (options.mcp_allowed_client_id_domains.length > 0) return;
    if (options.runtime_flags['mcp_dynamic_client_registration'] === true) return;
    yield {
      path: 'runtime_flags' in data ? ['runtime_flags'] : [],
      message: 'no MCP client can connect: registration is off and no metadata domain is allowed',
      mends: [{ path: ['runtime_flags', 'mcp_dynamic_client_registration'], value: true }],
    };
  },
};
