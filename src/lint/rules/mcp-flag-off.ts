import { isAtLeast } from '../../pomerium/versions.ts';
import type { Rule } from '../rule.ts';
import { hasServers } from '../subject.ts';

export const mcpFlagOff: Rule = {
  id: 'MCP_FLAG_OFF',
  severity: 'error',
  title: 'MCP is switched on',
  why: 'With the flag off the metadata and every path below /.pomerium/mcp are gone, while anonymous calls are still told to look there.',
  fix: 'write `runtime_flags: {mcp: true}`',
  source: 'Pomerium v0.33.1 config/runtime_flags.go: on by default from v0.33.0',
  *check(subject) {
    const { config, release } = subject;
    const flags = config.data['runtime_flags'];
    const written = (flags as Record<string, unknown> | undefined)?.['mcp'];
    const isOff =
      written === undefined ? !isAtLeast(release, 'v0.33.0') : config.options?.runtime_flags['mcp'] === false;
    if (!hasServers(subject) || !isOff) return;
    yield {
      path: written === undefined ? [] : ['runtime_flags', 'mcp'],
      message:
        written === undefined ? `in ${release} MCP is off unless it is switched on` : '`runtime_flags.mcp` is off',
      mends: [{ path: ['runtime_flags', 'mcp'], value: true }],
    };
  },
};
