import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findFreePort } from '../free-port.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { ChildService } from './child-service.ts';
import { InProcessServers, type InProcessOptions } from './in-process-servers.ts';
import type { ServicePart } from './part.ts';
import { isOurs, type RunnableService } from './wanted.ts';

export interface ServiceOptions extends InProcessOptions {
  env: Readonly<Record<string, string | undefined>>;
  program: readonly string[];
  onProcess: (identity: ProcessIdentity | undefined) => void;
}

/** A service as this engine runs it: ours inside this process, any other as a process of its own. */
export async function createService(options: ServiceOptions): Promise<ServicePart> {
  const { service, project, env, program, hosts, log, onProcess } = options;
  if (service.serves) return new InProcessServers(options);
  const { name, hash, folder, words } = service;
  // Node reads NODE_EXTRA_CA_CERTS once, when it starts: the authority has to be there by then.
  await options.authority();
  const { settings } = project;
  const port = service.port ?? (await findFreePort([settings.port, settings.idp?.port]));
  hosts.set(name, port);
  return new ChildService({
    name,
    hash,
    command: isOurs(words) ? [...program, ...words.slice(1)] : words,
    folder,
    port,
    log,
    onProcess,
    environment: { ...env, ...childEnvironment(service, project.paths.authority), PORT: String(port) },
  });
}

/** What the compose file says to a container, made true for a process on this machine. */
function childEnvironment({ environment, folder }: RunnableService, authority: string): Record<string, string> {
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  return {
    ...environment,
    // Node programs do not look at the system's store, and a server may want the gateway's keys.
    NODE_EXTRA_CA_CERTS: extra && existsSync(resolve(folder, extra)) ? extra : authority,
    // In a container every address is its own; here it would open the server to the network.
    ...(environment['HOST'] === '0.0.0.0' ? { HOST: '127.0.0.1' } : {}),
  };
}
