import type { Rule } from '../rule.ts';
import { hasServers, pomeriumService } from '../subject.ts';

export const releaseWithoutMcp: Rule = {
  id: 'RELEASE_WITHOUT_MCP',
  severity: 'error',
  to: 'v0.30.0',
  title: 'Pomerium is of a release that knows MCP',
  why: 'Routes to MCP servers came with v0.30.0; an older one takes them for plain routes, and has faults of its own in fetching certificates.',
  fix: 'write pomerium/pomerium:v0.33.1',
  source: 'Pomerium release notes v0.30.0; pomerium/pomerium#5138',
  *check(subject) {
    if (!hasServers(subject)) return;
    const service = pomeriumService(subject);
    const message = `${subject.release} knows nothing of MCP`;
    if (service) yield { in: 'compose', path: ['services', service.name, 'image'], message };
    else yield { path: ['routes'], message };
  },
};
