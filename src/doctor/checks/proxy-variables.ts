import { ok, warning, type Check } from '../check.ts';
import { hostsOf } from '../servers.ts';

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** Clients that follow these variables send calls for local names to a proxy, which knows no such name. */
export const proxyVariables: Check = {
  id: 'MAC-07',
  area: 'machine',
  title: 'no proxy stands before the gateway’s names',
  async run({ env, target, configuration }) {
    const set = PROXIES.filter((name) => env[name]);
    if (set.length === 0) return ok('no proxy is set');
    const { options } = target.kind === 'project' ? ((await configuration().catch(() => undefined)) ?? {}) : {};
    const exempt = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((one) => one.trim().replace(/^\*?\./, ''));
    const caught = hostsOf(options).filter((host) => !exempt.some((one) => one === '*' || isWithin(host, one)));
    if (caught.length === 0) return ok(`${set.join(', ')} set; the gateway’s names are exempt`);
    const fix = `export NO_PROXY=${[...exempt.filter(Boolean), ...caught].join(',')}`;
    return warning(`${set.join(', ')} also catches ${caught.join(', ')}`, fix);
  },
};

function isWithin(host: string, domain: string): boolean {
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}
