import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { PlanStep, ProgressEvent, ServiceStatus, StackStatus } from '../engine.ts';

/*
 * The engine's control socket speaks JSON lines. A client sends requests, the engine answers each with its `id`. `watch` is answered by
 * any number of `progress` lines before its result.
 */

export interface ControlRequest {
  id: number;
  method: 'status' | 'watch' | 'reload' | 'restart-service' | 'stop';
  service?: string;
}

export interface ControlFailure {
  code: string;
  message: string;
  why?: string;
  fix: string;
}

export type ControlReply =
  | { id: number; progress: ProgressEvent }
  | { id: number; result: unknown }
  | { id: number; failure: ControlFailure };

/** What `watch`, `reload` and `restart-service` end with: every service has become healthy, or will not by waiting. */
export interface SettledResult {
  services: ServiceStatus[];
  /** What a reload has done. */
  steps?: PlanStep[];
}

export interface StopResult {
  stopping: string[];
}

export interface StatusResult {
  status: StackStatus;
  /** What runs, as data to compare with what the files want. */
  running: Running;
}

/** Hashes of what is in force, part by part. */
export interface Running {
  version: string;
  /** Which gateway stands in front: `embedded` or `native`. */
  engine: string;
  gateway: {
    /** Address, domain, secrets: what only a new listener can take over. */
    listener: string;
    configuration: string;
  };
  /** Address and client of the development identity provider; empty when there is none. */
  idp: string;
  users: string;
  services: { name: string; hash: string }[];
}

/** sun_path of macOS holds 104 bytes with the terminating zero; Linux' is 108. */
const MAX_PATH = 103;

/** Where the socket of a project lies: in its state folder, or in the temp folder when that path would be too long. */
export function socketPath(stateFolder: string): string {
  const near = join(stateFolder, 'engine.sock');
  if (Buffer.byteLength(near) <= MAX_PATH) return near;
  const name = createHash('sha256').update(stateFolder).digest('hex').slice(0, 16);
  return join(tmpdir(), `mcpgw-${userInfo().uid}`, `${name}.sock`);
}

/** Whether a folder is this user's. A project's own folder may be somebody's, as on a shared mount; one in the temp folder may not. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  if (!folder.startsWith(tmpdir())) return true;
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === userInfo().uid;
}
