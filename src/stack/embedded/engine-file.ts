import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../atomic-file.ts';
import { endGroup, isAlive, type ProcessIdentity } from '../process-identity.ts';
import { connectToEngine } from './control-client.ts';
import { socketPath } from './control-protocol.ts';

/** `.mcpgw/engine.json`: what a running engine writes about itself, for whoever comes later. */
export interface EngineRecord extends ProcessIdentity {
  version: string;
  /** The state folder that it runs for: a copied project brings a record of the other one's engine. */
  stateFolder?: string;
  /** Control socket. */
  socket: string;
  /** ISO 8601. */
  startedAt: string;
  gateway: { url: string; address?: string };
  /** Servers that run as processes of their own; they outlive an engine that is killed. */
  children: (ProcessIdentity & { name: string })[];
}

export type EngineState =
  | { kind: 'none' }
  /** An engine that is gone: killed, or from before a reboot. */
  | { kind: 'stale'; record: EngineRecord }
  | { kind: 'running'; socket: string; record?: EngineRecord };

export function engineFile(stateFolder: string): string {
  return join(stateFolder, 'engine.json');
}

/** Whether an engine runs for a project; its word alone is not taken, the process is looked at. */
export async function findEngine(stateFolder: string): Promise<EngineState> {
  const found = await readRecord(engineFile(stateFolder));
  const record = found && (await isOfCopy(found, stateFolder)) ? undefined : found;
  if (record && (await isAlive(record))) return { kind: 'running', socket: record.socket, record };
  // The file may have been deleted while the engine goes on.
  const socket = socketPath(stateFolder);
  const client = await connectToEngine(socket);
  client?.close();
  if (client) return { kind: 'running', socket };
  return record ? { kind: 'stale', record } : { kind: 'none' };
}

/** True for the record of an engine that runs for another folder, which is still there: this folder is a copy of that one. */
async function isOfCopy(record: EngineRecord, stateFolder: string): Promise<boolean> {
  if (record.stateFolder === undefined || record.stateFolder === stateFolder) return false;
  const other = await readRecord(engineFile(record.stateFolder));
  return other?.pid === record.pid && other.start === record.start;
}

async function readRecord(file: string): Promise<EngineRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(file, 'utf8')) as Partial<EngineRecord>;
    const isComplete =
      Number.isInteger(record.pid) && typeof record.start === 'string' && typeof record.socket === 'string';
    return isComplete ? ({ children: [], ...record } as EngineRecord) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(stateFolder: string, record: EngineRecord): Promise<void> {
  await writeFileAtomic(engineFile(stateFolder), `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** Removes what a dead engine left: its servers, its socket, its file. Names of the servers that were ended. */
export async function cleanUpAfter(stateFolder: string, record: EngineRecord): Promise<string[]> {
  const ended: string[] = [];
  for (const child of record.children) {
    if (!(await isAlive(child))) continue;
    await endGroup(child, 3_000);
    ended.push(child.name);
  }
  await removeTraces(stateFolder, record.socket);
  return ended;
}

export async function removeTraces(stateFolder: string, socket: string): Promise<void> {
  // Only sockets of our own making: the file could have been edited.
  const own = [socketPath(stateFolder), join(stateFolder, 'engine.sock')];
  if (own.includes(socket) && dirname(socket) !== '/') await rm(socket, { force: true });
  await rm(engineFile(stateFolder), { force: true });
}
