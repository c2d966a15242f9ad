import type { Project } from '../project/index.ts';
import type { Fetch } from '../net/fetch.ts';
import type { Server } from './servers.ts';

export const AREAS = [
  'machine',
  'files',
  'secrets',
  'port',
  'certificate',
  'gateway',
  'metadata',
  'sign-in',
  'tools',
] as const;

export type Area = (typeof AREAS)[number];

/** What a check found. `evidence` is what was seen, line by line; it never holds a secret. */
export type Finding =
  | { kind: 'ok'; text: string; evidence?: string[] }
  | { kind: 'warning' | 'failure'; text: string; fix: string; evidence?: string[] }
  | { kind: 'skipped'; reason: string };

/** What checks look at. Everything that takes time is a function, so that it is paid for only by who needs it. */
export interface Patient {
  /** Where doctor was started. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  nodeVersion: string;
  platform: string;
  /** Folder for tokens and registrations. */
  stateFolder: string;
  now: () => number;
  /** The project's folder; undefined when there is none. */
  folder: () => Promise<string | undefined>;
  /** The project; throws what is wrong with its files. */
  project: () => Promise<Project>;
  /** What the project's engine says of itself; undefined when it does not run. */
  running: (project: Project) => Promise<Running | undefined>;
  /** Trusts the project's own authority and knows its local names. */
  fetch: (project: Project) => Promise<Fetch>;
  /** An External Token for a server, got by a scripted sign-in without touching the stored ones. */
  token: (project: Project, server: Server, user: string, signal: AbortSignal) => Promise<string>;
}

export interface Running {
  pid?: number;
  /** Services that are not well. */
  ill: { name: string; detail: string }[];
  /** Changes in the files that are not in force. */
  pending: string[];
}

export interface Check {
  /** Stable: two or three letters of the area, a number. */
  id: string;
  area: Area;
  /** What is checked, as a noun phrase. */
  title: string;
  /** Checks that must have found nothing wrong before this one makes sense. */
  needs?: readonly string[];
  run(patient: Patient, signal: AbortSignal): Promise<Finding>;
}

export interface CheckReport {
  id: string;
  area: Area;
  title: string;
  finding: Finding;
  /** Milliseconds. */
  took: number;
}

export function ok(text: string, evidence?: string[]): Finding {
  return { kind: 'ok', text, ...(evidence ? { evidence } : {}) };
}

export function failure(text: string, fix: string, evidence?: string[]): Extract<Finding, { fix: string }> {
  return { kind: 'failure', text, fix, ...(evidence ? { evidence } : {}) };
}

export function warning(text: string, fix: string, evidence?: string[]): Finding {
  return { kind: 'warning', text, fix, ...(evidence ? { evidence } : {}) };
}

export function skipped(reason: string): Finding {
  return { kind: 'skipped', reason };
}
