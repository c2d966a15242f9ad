/** Where a connection to `hostname:port` really goes; undefined leaves it to the system's resolver. */
export type Resolve = (hostname: string, port: number) => { host: string; port: number } | undefined;

const LOOPBACK_SUFFIXES = ['.localhost', '.localhost.pomerium.io'];

/** `*.localhost` is loopback by RFC 6761 §6.3, yet few system resolvers know; `*.localhost.pomerium.io` is so in public DNS. */
export const resolveLoopbackNames: Resolve = (hostname, port) => {
  const name = hostname.toLowerCase();
  const isLocal = name === 'localhost' || LOOPBACK_SUFFIXES.some((suffix) => name.endsWith(suffix));
  return isLocal ? { host: '127.0.0.1', port } : undefined;
};

/** Names of compose services, as `name:port` or `name`, mapped to where they listen on this machine. */
export function resolveFromMap(map: ReadonlyMap<string, { host: string; port: number }>): Resolve {
  return (hostname, port) => map.get(`${hostname}:${port}`) ?? map.get(hostname);
}

/** The first resolver that knows the name wins. */
export function firstOf(...resolvers: Resolve[]): Resolve {
  return (hostname, port) => {
    for (const resolve of resolvers) {
      const found = resolve(hostname, port);
      if (found) return found;
    }
    return undefined;
  };
}
