import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Container } from '../../../../src/stack/docker/container.ts';
import type { DockerApi } from '../../../../src/stack/docker/docker-api.ts';
import { parseLines, type LogLine } from '../../../../src/stack/logs/log-line.ts';

const FILE = join(import.meta.dirname, '../../../fixtures/docker-live/pomerium-logs.jsonl');

/** Recorded lines of Pomerium, as its container's log has them. */
export function recorded(...cases: string[]): LogLine[] {
  const entries = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { case: string; line: unknown });
  return entries
    .filter((entry) => cases.includes(entry.case))
    .flatMap(({ line }) => parseLines(typeof line === 'string' ? line : JSON.stringify(line), 'pomerium', ''));
}

export function container(fields: Partial<Container> = {}): Container {
  return {
    id: `id-${fields.service ?? 'pomerium'}`,
    service: 'pomerium',
    name: 'gw-pomerium-1',
    folder: '/home/me/gw',
    state: 'running',
    exitCode: 0,
    pid: 0,
    startedAt: '2026-11-25T10:00:00.000000000Z',
    finishedAt: '0001-01-01T00:00:00Z',
    restarts: 0,
    isLasting: false,
    outOfMemory: false,
    error: '',
    image: { name: 'pomerium/pomerium:v0.33.1', id: 'sha256:a' },
    configHash: 'hash',
    ports: [],
    mounts: [],
    ...fields,
  };
}

async function unexpected(): Promise<never> {
  throw new Error('the test did not expect this question');
}

/** An engine of which a test says only what it asks for. */
export function fakeApi(part: Partial<DockerApi>): DockerApi {
  return {
    version: unexpected,
    containers: unexpected,
    projectOf: unexpected,
    holderOf: unexpected,
    volumes: unexpected,
    image: unexpected,
    pull: unexpected,
    build: unexpected,
    pruneImages: unexpected,
    log: unexpected,
    ...part,
  };
}

/** Frames as Docker multiplexes a log without a terminal: 1 is stdout, 2 stderr. */
export function frame(type: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

export function streamOf(...chunks: Buffer[]): Readable {
  return Readable.from(chunks);
}
