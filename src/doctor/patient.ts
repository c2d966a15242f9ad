import type { Fetch } from '../net/fetch.ts';
import type { Resolve } from '../net/resolve.ts';
import type { Project } from '../project/index.ts';
import type { Configuration } from './configuration.ts';
import type { AcmeOptions } from './issuance/acme-options.ts';
import type { Server } from './servers.ts';

/** What doctor was pointed at. */
export type Target =
  | { kind: 'project'; folder: string }
  /** A Pomerium configuration, absolute, with a compose file beside it or without. */
  | { kind: 'configuration'; file: string }
  | { kind: 'url'; url: URL }
  | { kind: 'nothing' };

/** What checks look at. Everything that takes time is a function, so that it is paid for only by who needs it. */
export interface Patient {
  target: Target;
  /** The client that is asked about, by its id; nobody in particular when it is left out. */
  client?: string;
  /** Where doctor was started. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  nodeVersion: string;
  platform: string;
  /** Folder for tokens and registrations. */
  stateFolder: string;
  now: () => number;
  /** How a certificate authority is asked for a dry run; absent: it is not asked. */
  acme?: AcmeOptions;
  /** The project's folder; undefined when there is none. */
  folder: () => Promise<string | undefined>;
  /** The project; throws what is wrong with its files. */
  project: () => Promise<Project>;
  /** The configuration and the compose file beside it, a project's or another's; throws when it cannot be read. */
  configuration: () => Promise<Configuration>;
  /** The MCP servers for which somebody has to sign in; for a URL, that one. */
  servers: () => Promise<Server[]>;
  /** What the project's engine says of itself; undefined when it does not run. */
  running: () => Promise<Running | undefined>;
  /** The containers behind a project whose engine is Docker. */
  docker: () => Promise<DockerState>;
  /** The newest lines of what the engine's services logged, in the order of time. */
  log: () => Promise<readonly LoggedLine[]>;
  /** Trusts the project's own authority and knows its local names. Redirects are never followed. */
  fetch: () => Promise<Fetch>;
  /** Where names of the project lead, for connections that are no requests. */
  resolve: () => Promise<Resolve>;
  /** What the policy lets every development user do, from the files. */
  permissions: () => Promise<Permission[]>;
  /** An External Token for a server, got by a scripted sign-in without touching the stored ones. */
  token: (server: Server, user: string, signal: AbortSignal) => Promise<string>;
  /** The token of `token`, renewed once by its refresh token; undefined when that was refused. */
  refresh: (server: Server, user: string, signal: AbortSignal) => Promise<Renewal | undefined>;
}

export interface Running {
  pid?: number;
  /** Services that are not well. */
  ill: { name: string; detail: string }[];
  /** Changes in the files that are not in force. */
  pending: string[];
  services?: RunningService[];
}

export interface RunningService {
  name: string;
  state: string;
  health: string;
  /** `host:port` on which it listens. */
  address?: string;
  detail?: string;
  /** How often it was started again after a crash. */
  restarts: number;
}

export interface Renewal {
  accessToken: string;
  /** Milliseconds since 1970. */
  expiresAt?: number;
}

/** One line of a log; `fields` when it was a JSON object. */
export interface LoggedLine {
  time: string;
  service: string;
  fields?: Record<string, unknown>;
  raw: string;
}

export interface Permission {
  server: string;
  /** Line of the route in the configuration. */
  line?: number;
  user: string;
  /** A name for the call: `tools/list`, a tool's. */
  call: string;
  allowed: boolean;
}

export interface DockerState {
  version: string;
  architecture: string;
  /** Undefined: the plugin is not there. */
  composeVersion?: string;
  containers: ContainerState[];
  images: { service: string; name: string; architecture?: string; os?: string }[];
  /** Names that exist. */
  volumes: string[];
  /** Names that the compose file declares, as Docker knows them. */
  declaredVolumes: string[];
  /** Folder of another project whose containers have this one's name. */
  foreignFolder?: string;
  /** Whether the database takes the password of .env; undefined: there is no database that runs. */
  passwordFits?: boolean;
}

export interface ContainerState {
  service: string;
  state: string;
  health?: string;
  /** ISO 8601. */
  startedAt: string;
  restarts: number;
  exitCode: number;
  outOfMemory: boolean;
  error: string;
  aliases: string[];
  /** Files of this machine that the container still sees in their former state. */
  replaced: string[];
}
