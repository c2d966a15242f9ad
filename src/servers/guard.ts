/** Names under which a server on loopback is always reached; nobody's DNS can point them elsewhere. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export interface Guard {
  /** Why a request is refused; undefined when it may pass. */
  refusal(host: string | undefined, origin: string | undefined): string | undefined;
}

export interface GuardOptions {
  /** The address listened on: its own name is allowed when it is one. */
  listenHost: string;
  /** `name` for any port, `name:port` for this one. */
  allowedHosts: readonly string[];
  /** `https://app.example.com`, or a bare name for any scheme and port. */
  allowedOrigins: readonly string[];
}

/**
 * Protection against DNS rebinding: a page whose name was pointed at this machine still sends its own name in Host and Origin.
 * MCP 2025-11-25, Streamable HTTP, security warning.
 */
export function createGuard({ listenHost, allowedHosts, allowedOrigins }: GuardOptions): Guard {
  const isWildcard = listenHost === '0.0.0.0' || listenHost === '::' || listenHost === '';
  const ownName = isWildcard ? [] : [listenHost.includes(':') ? `[${listenHost}]` : listenHost];
  const hosts = new Set([...LOOPBACK, ...ownName, ...allowedHosts].map(lower));
  const origins = new Set([...LOOPBACK, ...allowedOrigins].map((origin) => lower(origin).replace(/\/$/, '')));
  return {
    refusal(host, origin) {
      const name = authorityOf(host);
      if (!name) return 'Invalid Host header';
      if (!hosts.has(name.hostname) && !hosts.has(name.host)) return `Host not allowed: ${name.host.slice(0, 200)}`;
      if (!origin) return undefined;
      const from = originOf(origin);
      if (from && (origins.has(from.origin) || origins.has(from.hostname))) return undefined;
      return `Origin not allowed: ${origin.slice(0, 200)}`;
    },
  };
}

/** A Host header taken apart; undefined when it is anything else than a name or address with, maybe, a port. */
function authorityOf(host: string | undefined): { host: string; hostname: string } | undefined {
  const [whole, hostname] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/.exec(lower(host ?? '')) ?? [];
  return whole && hostname ? { host: whole, hostname } : undefined;
}

function originOf(origin: string): { origin: string; hostname: string } | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { protocol, hostname, origin: own } = new URL(origin);
  return protocol === 'http:' || protocol === 'https:' ? { origin: own, hostname } : undefined;
}

const lower = (text: string): string => text.toLowerCase();
