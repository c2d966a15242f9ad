import { Agent } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import Docker from 'dockerode';
import { explainApiError } from './cli-errors.ts';
import { LABEL, toContainer, type Container, type Inspected } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import { splitLines } from './frames.ts';

/** One line of a pull's or build's progress, as Docker sends it. */
export interface ProgressLine {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  stream?: string;
  error?: string;
}

export interface ImageInfo {
  id: string;
  /** `name@sha256:...` as the registry knows it; absent for images built here. */
  digest?: string;
  labels: Record<string, string>;
  architecture: string;
}

export interface LogOptions {
  /** Newest lines; all when it is absent. */
  tail?: number;
  /** Seconds since 1970, with fractions. */
  since?: string;
  follow?: boolean;
  signal?: AbortSignal;
}

/** Whose containers are meant: a project by name, or whatever a folder's compose file made. */
export type Owner = { project: string } | { folder: string };

/** Docker's Engine API: state, logs, images. Everything throws CliErrors where the engine itself is out of reach. */
export interface DockerApi {
  version(): Promise<{ version: string; architecture: string; os: string }>;
  containers(owner: Owner): Promise<Container[]>;
  /** Compose's project that made a folder's containers. */
  projectOf(folder: string): Promise<string | undefined>;
  /** Any container that publishes the port, of whatever project. */
  holderOf(port: number): Promise<string | undefined>;
  /** Names, sorted. */
  volumes(project: string): Promise<string[]>;
  image(name: string): Promise<ImageInfo | undefined>;
  /** Downloads an image; throws what the registry says. */
  pull(name: string, progress: (line: ProgressLine) => void, signal: AbortSignal): Promise<void>;
  build(
    context: Readable,
    options: { tag: string; labels: Record<string, string>; args: Record<string, string> },
    progress: (line: ProgressLine) => void,
  ): Promise<void>;
  /** Deletes images that have the label, no name any more, and no container. */
  pruneImages(label: string): Promise<void>;
  /** The container's log: frames as Docker multiplexes them. */
  log(id: string, options: LogOptions): Promise<Readable>;
}

export function connectDocker(endpoint: Endpoint): DockerApi {
  const docker = open(endpoint);
  const reached = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw explainApiError(error, endpoint);
    }
  };
  const inspectAll = async (filters: Record<string, string[]>): Promise<Container[]> => {
    const found = await docker.listContainers({ all: true, filters });
    const own = found.filter(({ Labels }) => Labels[LABEL.service] && Labels[LABEL.oneOff] !== 'True');
    const inspected = own.map(async ({ Id }) =>
      // One that goes away between the two questions is none.
      docker.getContainer(Id).inspect().catch(ignoreMissing),
    );
    return (await Promise.all(inspected)).flatMap((one) => (one ? [toContainer(one as Inspected)] : []));
  };
  return {
    version: async () => {
      const { Version, Arch, Os } = await reached(docker.version());
      return { version: Version, architecture: Arch, os: Os };
    },
    containers: async (owner) => reached(inspectAll({ label: [labelOf(owner)] })),
    projectOf: async (folder) => {
      const found = await reached(docker.listContainers({ all: true, filters: { label: [labelOf({ folder })] } }));
      return found[0]?.Labels[LABEL.project];
    },
    holderOf: async (port) => {
      const found = await reached(docker.listContainers({ filters: { publish: [String(port)] } }));
      return found[0]?.Names[0]?.replace(/^\//, '');
    },
    volumes: async (project) => {
      const { Volumes } = await reached(docker.listVolumes({ filters: { label: [`${LABEL.project}=${project}`] } }));
      return (Volumes ?? []).map(({ Name }) => Name).sort();
    },
    image: async (name) => {
      const found = await reached(docker.getImage(name).inspect().catch(ignoreMissing));
      if (!found) return undefined;
      const digest = (found.RepoDigests ?? [])[0];
      return {
        id: found.Id,
        ...(digest ? { digest } : {}),
        labels: found.Config?.Labels ?? {},
        architecture: found.Architecture,
      };
    },
    pull: async (name, progress, signal) => {
      const stream = await reached(docker.pull(name, { abortSignal: signal }));
      await drain(stream, progress, signal);
    },
    build: async (context, { tag, labels, args }, progress) => {
      const options = { t: tag, labels, buildargs: args, rm: true, forcerm: true };
      await drain(await reached(docker.buildImage(context as NodeJS.ReadableStream, options)), progress);
    },
    pruneImages: async (label) => {
      await reached(docker.pruneImages({ filters: { dangling: ['true'], label: [label] } }));
    },
    log: async (id, { tail, since, follow, signal }) => {
      const options = {
        stdout: true,
        stderr: true,
        timestamps: true,
        ...(tail === undefined || !Number.isFinite(tail) ? {} : { tail }),
        ...(since === undefined ? {} : { since }),
        ...(signal ? { abortSignal: signal } : {}),
      };
      return follow ? readLive(docker, id, options) : readOnce(docker, id, options);
    },
  };
}

type LogQuery = Omit<Docker.ContainerLogsOptions, 'follow'>;

async function readLive(docker: Docker, id: string, options: LogQuery): Promise<Readable> {
  return (await docker.getContainer(id).logs({ ...options, follow: true })) as Readable;
}

async function readOnce(docker: Docker, id: string, options: LogQuery): Promise<Readable> {
  const { Readable: NodeReadable } = await import('node:stream');
  return NodeReadable.from([await docker.getContainer(id).logs({ ...options, follow: false })]);
}

function labelOf(owner: Owner): string {
  return 'project' in owner ? `${LABEL.project}=${owner.project}` : `${LABEL.folder}=${owner.folder}`;
}

/**
 * The library's own TCP way parses addresses with url.parse(), for which Node prints a deprecation warning; so it is always
 * given a socket, which for TCP comes from here.
 */
function open(endpoint: Endpoint): Docker {
  if (endpoint.kind === 'socket') return new Docker({ socketPath: endpoint.path, host: '' });
  const agent = new Agent();
  const { host, port, tls } = endpoint;
  agent.createConnection = (): Duplex => (tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port }));
  // The types leave `agent` out; docker-modem hands it to node:http.
  const options: Docker.DockerOptions & { agent: Agent } = { socketPath: '/', host: '', agent };
  return new Docker(options);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return undefined;
  throw error;
}

/** Reads progress to its end; what the engine reports as an error in the stream is thrown. */
async function drain(
  stream: NodeJS.ReadableStream,
  progress: (line: ProgressLine) => void,
  signal?: AbortSignal,
): Promise<void> {
  for await (const text of splitLines(stream as Readable)) {
    signal?.throwIfAborted();
    const line = JSON.parse(text) as ProgressLine;
    if (line.error !== undefined) throw new Error(line.error);
    progress(line);
  }
  signal?.throwIfAborted();
}
