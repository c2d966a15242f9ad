import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeTar } from '../../src/stack/docker/tar.ts';

/*
 * A registry on loopback (OCI Distribution Specification 1.1, what a pull needs of it), from which a Docker Engine pulls for real: it takes
 * 127.0.0.0/8 for insecure. The repository's name chooses what happens.
 */

export interface Registry {
  /** `127.0.0.1:port`, the first part of image names. */
  host: string;
  /** Requests so far, `GET /v2/…`. */
  readonly seen: string[];
  /** Downloads of a layer that are under way. */
  open(): number;
  /** From now on layers of `held` come at once. */
  release(): void;
  /** How many more requests are refused by the rate limit. */
  limit: number;
  close(): Promise<void>;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** Bytes; incompressible, and enough that a pull reports them in steps. */
const LAYER_SIZE = 6_000_000;
/** Bytes that come at a time: 80 kB a second. */
const SLOW_PIECE = 4_000;

/**
 * Repositories: `good` comes at once; `held` comes so slowly that nobody waits for its end, until it is released; `limited` is refused while `limit` is above 0; `arm` is made
 * for another processor; `private` wants credentials; any other is not there.
 */
export async function startRegistry(): Promise<Registry> {
  const seen: string[] = [];
  const open = new Set<ServerResponse>();
  let isReleased = false;
  const image = makeImage('amd64');
  const registry: Registry = {
    host: '',
    seen,
    open: () => open.size,
    release: () => {
      isReleased = true;
    },
    limit: 0,
    close: async () => {
      for (const response of open) response.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/([\w/-]+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    if (kind === '') return json(response, 200, {});
    if (repository === 'limited' && registry.limit > 0) {
      registry.limit -= 1;
      return refuse(response, 429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.');
    }
    if (repository === 'private') return refuse(response, 403, 'DENIED', 'requested access to the resource is denied');
    if (repository === 'arm' && kind === 'manifests') return sendManifest(request, response, listFor('arm64'), LIST);
    if (!['good', 'held', 'limited'].includes(repository)) {
      return refuse(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    }
    if (kind === 'manifests') return sendManifest(request, response, image.manifest, MANIFEST);
    if (reference === image.configDigest) return send(response, image.config);
    open.add(response);
    response.on('close', () => open.delete(response));
    if (repository !== 'held' || isReleased) return send(response, image.layer);
    trickle(response, image.layer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return registry;
}

interface Image {
  layer: Buffer;
  config: Buffer;
  configDigest: string;
  manifest: Buffer;
}

/** An image that nothing runs in; each time another one, so that no engine has it already. */
function makeImage(architecture: string): Image {
  const layer = makeTar([{ path: 'filling', content: randomBytes(LAYER_SIZE), mode: 0o644 }]);
  const layerDigest = digestOf(layer);
  const config = Buffer.from(
    JSON.stringify({ architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [layerDigest] } }),
  );
  const configDigest = digestOf(config);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: configDigest,
      },
      layers: [
        { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: layerDigest },
      ],
    }),
  );
  return { layer, config, configDigest, manifest };
}

function listFor(architecture: string): Buffer {
  const platform = { architecture, os: 'linux' };
  const digest = digestOf(Buffer.from(architecture));
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: LIST,
      manifests: [{ mediaType: MANIFEST, size: 1, digest, platform }],
    }),
  );
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function sendManifest({ method }: IncomingMessage, response: ServerResponse, body: Buffer, type: string): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    'docker-content-digest': digestOf(body),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function send(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length });
  response.end(body);
}

/** A download that stands still altogether is one that an engine does not let go of: it notices only when something comes. */
function trickle(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-length': body.length });
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + SLOW_PIECE));
    at += SLOW_PIECE;
  }, 50);
  response.on('close', () => clearInterval(timer));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  json(response, status, { errors: [{ code, message, detail: null }] });
}

function json(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'docker-distribution-api-version': 'registry/2.0',
  });
  response.end(text);
}
