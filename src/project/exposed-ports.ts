import type { ComposeModel } from './compose-model.ts';

/** Addresses that only this machine reaches; RFC 5735 §3, RFC 4291 §2.5.3. */
const LOOPBACK = /^(127\.|::1$|localhost$)/;

/**
 * Ports that Docker publishes to the whole network, as `service 3000`. It does so where no address is named, and past the rules of
 * a host's firewall.
 */
export function exposedPorts({ services }: ComposeModel): string[] {
  return services.flatMap(({ name, ports }) =>
    ports
      .filter(({ host }) => host === undefined || !LOOPBACK.test(host))
      .map(({ published, target }) => `${name} ${published ?? target}`),
  );
}
