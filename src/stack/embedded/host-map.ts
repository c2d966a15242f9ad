import { firstOf, resolveLoopbackNames, type Resolve } from '../../net/resolve.ts';

/** Where the services of the compose file really listen on this machine. */
export interface HostMap {
  resolve: Resolve;
  /** `port` is the one of this machine; whatever port the configuration names for the service leads there. */
  set(service: string, port: number): void;
  delete(service: string): void;
  /** Tells when a service is somewhere else from now on; the answer ends that. */
  watch(listener: () => void): () => void;
}

/** Docker's name for the machine that it runs on; without Docker that is this one. */
const HOST_ITSELF = ['host.docker.internal', 'host.containers.internal'];

export function createHostMap(): HostMap {
  const ports = new Map<string, number>();
  const listeners = new Set<() => void>();
  const resolveService: Resolve = (hostname, port) => {
    const real = ports.get(hostname.toLowerCase());
    if (real !== undefined) return { host: '127.0.0.1', port: real };
    return HOST_ITSELF.includes(hostname.toLowerCase()) ? { host: '127.0.0.1', port } : undefined;
  };
  return {
    resolve: firstOf(resolveService, resolveLoopbackNames),
    set: (service, port) => {
      const isNew = ports.get(service.toLowerCase()) !== port;
      ports.set(service.toLowerCase(), port);
      if (isNew) for (const listener of listeners) listener();
    },
    delete: (service) => void ports.delete(service.toLowerCase()),
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
