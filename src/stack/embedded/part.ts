import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { ServiceStatus, StackStatus } from '../engine.ts';

/** Something that the engine runs and can start and stop by itself. */
export interface ServicePart {
  name: string;
  kind: ServiceStatus['kind'];
  /** Of everything it was made from: equal hashes mean that nothing has to be done. */
  hash: string;
  /** Resolves when it was started, which need not mean that it is ready. Rejects when it cannot be. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): Promise<ServiceStatus>;
  /** What there is to say when it is ready. */
  summary(): string;
}

/** What stands in front of the servers: the development gateway, or Pomerium itself. */
export interface GatewayPart extends ServicePart {
  /** `host:port` on which it listens; absent while it does not. */
  readonly address: string | undefined;
  /** What it starts and stops for itself and is shown beside it: its database. */
  readonly companions: readonly ServicePart[];
  /** Takes over a changed configuration without a restart; `outside`: hosts that the certificate cannot name. */
  reload(options: Options, project: Project, outside: readonly string[]): Promise<void>;
  /** Who is signed in, as far as it tells. */
  users(): StackStatus['users'];
}
