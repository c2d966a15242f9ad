import type { Options } from '../../pomerium/model.ts';
import { gatewayEnvironment, type Project } from '../../project/index.ts';
import { findFreePort } from '../free-port.ts';
import type { Env } from './programs.ts';

/**
 * What Pomerium gets from this machine. Nothing else: it takes every variable that is named as one of its settings, and ADDRESS or
 * HEADERS of somebody's shell would beat the file.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'GODEBUG',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/** Pomerium's whole environment: beside the project's secrets, what keeps two projects on one machine apart. */
export async function pomeriumEnvironment(
  { paths, secrets }: Pick<Project, 'paths' | 'secrets'>,
  { address }: Pick<Options, 'address'>,
  store: Readonly<Record<string, string>>,
  env: Env,
): Promise<Record<string, string>> {
  const passed = PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  // Both have fixed ports by default, on which a second Pomerium would answer for the first.
  const [grpc, health] = [await findFreePort(), await findFreePort()];
  return {
    ...Object.fromEntries(passed),
    ...gatewayEnvironment(paths, secrets),
    ...store,
    // Without a host Pomerium listens to the network; under Docker the port is published on loopback alone, too.
    ...(address.startsWith(':') ? { ADDRESS: `127.0.0.1${address}` } : {}),
    GRPC_ADDRESS: `127.0.0.1:${grpc}`,
    HEALTH_CHECK_ADDR: `127.0.0.1:${health}`,
  };
}
