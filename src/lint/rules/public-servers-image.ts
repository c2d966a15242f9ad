import type { Hit, Rule } from '../rule.ts';
import { listenPort, serverRoutesOf } from '../subject.ts';

export const publicServersImage: Rule = {
  id: 'PUBLIC_SERVERS_IMAGE',
  severity: 'warning',
  title: 'The weaknesses of pomerium/mcp-servers are known',
  why: 'Its whoami takes the signing keys from whatever issuer an assertion names, always on port 443; its sqlite opens the file for writing.',
  fix: 'take the servers of mcpgw (MCP_SERVERS_IMAGE in .env), or mount the database read-only and do not trust its whoami',
  source: 'pomerium/mcp-servers, seen running',
  *check(subject) {
    const service = subject.compose?.model.services.find(({ image = '' }) =>
      /(^|\/)pomerium\/mcp-servers([:@]|$)/.test(image),
    );
    if (!service) return;
    const hit = (message: string): Hit => ({ in: 'compose', path: ['services', service.name, 'image'], message });
    const leadsTo = (path: string): boolean =>
      serverRoutesOf(subject).some(({ route }) =>
        route.to.some(({ url }) => URL.parse(url)?.pathname.replace(/\/$/, '') === path),
      );
    if (leadsTo('/whoami')) {
      yield hit('its whoami believes any issuer');
      if (listenPort(subject.config.options?.address ?? ':443') !== 443)
        yield hit('its whoami cannot fetch the keys of a gateway that is not on port 443');
    }
    const database = service.environment['SQLITE_DB_FILE'];
    const mount = service.mounts.find(({ target }) => target === database);
    if (database !== undefined && mount?.readOnly !== true) yield hit(`its sqlite can write to ${database}`);
  },
};
