import type { ExitCode } from '../errors.ts';
import type { LogSource } from './logs/log-source.ts';

/** What one engine can do with a project; `mcpgw up`, `down`, `status` and `logs` know nothing else about it. */
export interface Engine {
  /** Compares what the files want with what runs. Touches nothing. */
  plan(): Promise<Plan>;
  /** Carries a plan out. Throws a CliError when it cannot be done. */
  apply(plan: Plan, options: ApplyOptions): Promise<Applied>;
  /** Stops and starts one service. Throws when there is none of that name, or nothing runs. */
  restartService(service: string, options: ApplyOptions): Promise<Applied>;
  status(): Promise<StackStatus>;
  logs(): LogSource;
  /** Ends everything that runs; what was running is told. */
  stop(): Promise<Stopped>;
  /** Deletes sessions, clients and grants of a project that does not run; answers what was deleted. */
  deleteData(): Promise<string[]>;
  /** Milliseconds that a start may take where nobody says otherwise. */
  readonly patience: number;
}

/** One thing to do. The text is for a reader of `up --dry-run`. */
export interface PlanStep {
  kind:
    | 'start-engine'
    | 'restart-engine'
    | 'reload-gateway'
    | 'update-users'
    | 'start-service'
    | 'restart-service'
    | 'stop-service'
    | 'fetch-image';
  /** The service it is about; absent when it is about the engine. */
  service?: string;
  text: string;
}

export interface Plan {
  /** Empty when what runs is what the files want. */
  steps: PlanStep[];
  /** What this engine cannot do with the files, in sentences. */
  warnings: string[];
}

export interface ApplyOptions {
  /** Milliseconds until everything must be ready. */
  timeout: number;
  /** False: return as soon as the work was begun. */
  wait: boolean;
  signal: AbortSignal;
  /** Told about each part as it becomes ready, or fails to. */
  report: (event: ProgressEvent) => void;
  /** Container images: fetch what is missing (default), everything anew, or nothing. */
  pull?: PullPolicy;
}

export type PullPolicy = 'never' | 'missing' | 'always';

export interface ProgressEvent {
  /** `certificate`, `images`, `calls` (a real call to each route), `gateway`, or a service's name. */
  part: string;
  state: 'working' | 'ready' | 'warning' | 'failed';
  text: string;
}

export type Applied =
  /** `steps`: what was done, which may differ from the plan when the files changed in between. */
  | { kind: 'ready'; steps: PlanStep[] }
  /** `--no-wait`: begun, nothing known yet. */
  | { kind: 'begun' }
  /** The gateway answers, some services do not; their last log lines. */
  | { kind: 'unhealthy'; steps: PlanStep[]; services: { name: string; detail: string; lastLines: string[] }[] };

export interface Stopped {
  /** Names of what was running. Empty: nothing was. */
  stopped: string[];
  /** True when an engine that had died before left traces behind, which are gone now. */
  cleaned: boolean;
}

export type ServiceState = 'starting' | 'running' | 'crashed' | 'stopped' | 'failed';

export interface ServiceStatus {
  name: string;
  kind: 'gateway' | 'identity provider' | 'server' | 'database';
  state: ServiceState;
  health: 'healthy' | 'unhealthy' | 'unknown';
  /** `host:port` on which it really listens. */
  address?: string;
  /** Why it is not well, or what is worth knowing. */
  detail?: string;
  /** Of a child process. */
  pid?: number;
  /** Of a container: the image's name, and its content as `sha256:...`. */
  image?: { name: string; digest: string };
  /** How often it was started again after a crash. */
  restarts: number;
}

export interface RouteStatus {
  /** What `mcpgw token` takes: the first label of the host. */
  name: string;
  url: string;
  /** Who may use it, in words. */
  who: string;
  /** Tools the server offers, when it told them. */
  tools?: number;
}

/** A user of the gateway: with the sessions where it tells them, else as its log has last seen the user. Times are ISO 8601. */
export type SignedInUser =
  /** The latest expiry of all sessions counts. */
  { email: string; expiresAt: string; sessions: number } | { email: string; seenAt: string };

/** The shape of `status --json`, the same for every engine. */
export interface StackStatus {
  engine: string;
  project: { name: string; folder: string };
  state: 'running' | 'starting' | 'unhealthy' | 'stopped';
  /** Of the engine's process; absent when it is stopped. */
  pid?: number;
  version?: string;
  /** ISO 8601. */
  startedAt?: string;
  gateway: { url: string; address?: string };
  certificate?: { issuer: string; names: string[]; expiresAt: string };
  services: ServiceStatus[];
  routes: RouteStatus[];
  /** Who is signed in, one entry a user. */
  users: SignedInUser[];
  /** What `mcpgw up` would do now: changes in the files that are not in force. */
  pending: string[];
}

export function exitOfStatus(status: Pick<StackStatus, 'state'>): ExitCode {
  return status.state === 'running' ? 0 : 3;
}
