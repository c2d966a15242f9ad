/** A container as this program looks at it. */
export interface Container {
  id: string;
  /** Compose's name for it. */
  service: string;
  /** The container's own name, without the slash. */
  name: string;
  /** The folder whose compose file made it. */
  folder: string;
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Docker's own health check; absent where the service has none. */
  health?: 'starting' | 'healthy' | 'unhealthy';
  exitCode: number;
  /** Of the container's first process on the engine's machine; 0 when it does not run. */
  pid: number;
  /** ISO 8601. */
  startedAt: string;
  finishedAt: string;
  /** How often its restart policy started it again. */
  restarts: number;
  /** Its restart policy starts it again however it ended: it is not meant to end. */
  isLasting: boolean;
  outOfMemory: boolean;
  /** Docker's own words when it could not be started. */
  error: string;
  image: { name: string; id: string };
  /** Hash of the settings that Compose made it from. */
  configHash: string;
  /** Published on this machine. */
  ports: { host: string; port: number; target: number }[];
  mounts: { source: string; target: string }[];
}

/** What Compose writes on everything that it makes. */
export const LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  folder: 'com.docker.compose.project.working_dir',
  hash: 'com.docker.compose.config-hash',
  oneOff: 'com.docker.compose.oneoff',
} as const;

/** The parts of Docker's answer to `inspect` that are used. */
export interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  RestartCount?: number;
  State: {
    Status: string;
    ExitCode: number;
    Pid: number;
    StartedAt: string;
    FinishedAt: string;
    OOMKilled: boolean;
    Error: string;
    Health?: { Status: string } | undefined;
  };
  Config: { Image: string; Labels?: Record<string, string> };
  HostConfig?: {
    RestartPolicy?: { Name: string };
    PortBindings?: Record<string, { HostIp?: string; HostPort?: string }[] | null> | null;
  };
  Mounts?: { Source: string; Destination: string }[];
}

export function toContainer(found: Inspected): Container {
  const labels = found.Config.Labels ?? {};
  const { State: state } = found;
  const health = state.Health?.Status;
  return {
    id: found.Id,
    service: labels[LABEL.service] ?? '',
    name: found.Name.replace(/^\//, ''),
    folder: labels[LABEL.folder] ?? '',
    state: state.Status as Container['state'],
    ...(health === 'starting' || health === 'healthy' || health === 'unhealthy' ? { health } : {}),
    exitCode: state.ExitCode,
    pid: state.Pid,
    startedAt: state.StartedAt,
    finishedAt: state.FinishedAt,
    restarts: found.RestartCount ?? 0,
    isLasting: ['always', 'unless-stopped'].includes(found.HostConfig?.RestartPolicy?.Name ?? ''),
    outOfMemory: state.OOMKilled,
    error: state.Error,
    image: { name: found.Config.Image, id: found.Image },
    configHash: labels[LABEL.hash] ?? '',
    ports: publishedPorts(found),
    mounts: (found.Mounts ?? []).map(({ Source, Destination }) => ({ source: Source, target: Destination })),
  };
}

function publishedPorts({ HostConfig }: Inspected): Container['ports'] {
  return Object.entries(HostConfig?.PortBindings ?? {}).flatMap(([target, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => ({
      host: HostIp || '0.0.0.0',
      port: Number(HostPort),
      target: Number.parseInt(target, 10),
    })),
  );
}
