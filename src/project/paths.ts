import { join } from 'node:path';

export const CONFIG_FILE = 'pomerium-config.yaml';
export const COMPOSE_FILE = 'docker-compose.yaml';
export const ENV_FILE = '.env';
export const STATE_FOLDER = '.mcpgw';

/** Where everything of a project stands; all absolute. */
export interface ProjectPaths {
  config: string;
  compose: string;
  env: string;
  /** Folder for the state of this machine: certificates, logs, databases. Git-ignored. */
  state: string;
  /** Folder of the log files. */
  logs: string;
  lock: string;
  /** What runs, as the engine left it: pid, ports, start time. */
  engineFile: string;
  /** SQLite file of sessions, clients and tokens. */
  gatewayState: string;
  idpState: string;
  /** Certificate of the project's own authority, PEM. */
  authority: string;
  /** Folder for `ensureAuthority`; holds the private key too. */
  authorityFolder: string;
  certificate: string;
  certificateKey: string;
  /** Folder for `ensureServerCertificate`; the one that containers see. */
  certificateFolder: string;
  /** pomerium-config.yaml with `${NAME}` filled in; written only when the original holds any. */
  renderedConfig: string;
}

export function projectPaths(folder: string): ProjectPaths {
  const state = join(folder, STATE_FOLDER);
  return {
    config: join(folder, CONFIG_FILE),
    compose: join(folder, COMPOSE_FILE),
    env: join(folder, ENV_FILE),
    state,
    logs: join(state, 'logs'),
    lock: join(state, 'lock'),
    engineFile: join(state, 'engine.json'),
    gatewayState: join(state, 'gateway', 'state.sqlite'),
    idpState: join(state, 'idp.sqlite'),
    authority: join(state, 'authority', 'ca.pem'),
    authorityFolder: join(state, 'authority'),
    certificate: join(state, 'certs', 'gateway.crt'),
    certificateKey: join(state, 'certs', 'gateway.key'),
    certificateFolder: join(state, 'certs'),
    renderedConfig: join(state, CONFIG_FILE),
  };
}
