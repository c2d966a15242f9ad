import type { Ground } from './grounds.ts';
import type { Patient } from './patient.ts';

export type { LoggedLine, Patient, Running } from './patient.ts';

export const AREAS = [
  'machine',
  'files',
  'secrets',
  'docker',
  'port',
  'dns',
  'certificate',
  'issuance',
  'gateway',
  'log',
  'metadata',
  'registration',
  'sign-in',
  'token',
  'policy',
  'tools',
  'upstream',
  'clients',
] as const;

export type Area = (typeof AREAS)[number];

/** What a check found. `evidence` is what was seen, line by line; it never holds a secret. */
export type Finding =
  | { kind: 'ok'; text: string; evidence?: string[] }
  | { kind: 'warning' | 'failure'; text: string; fix: string; evidence?: string[] }
  | { kind: 'skipped'; reason: string };

export interface Check {
  /** Stable: two or three letters of the area, a number. */
  id: string;
  area: Area;
  /** What is checked, as a noun phrase. */
  title: string;
  /** What has to be there to look at; nothing when it is left out. */
  on?: readonly Ground[];
  /** Checks that must have found nothing wrong before this one makes sense. */
  needs?: readonly string[];
  /** Milliseconds it may take, where the usual time is not enough. */
  limit?: number;
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

/** Of several findings the one that counts: the first failure, else the first warning, else what `well` says. */
export function worstOf(findings: readonly Finding[], well: () => Finding): Finding {
  const first = (kind: Finding['kind']): Finding | undefined => findings.find((finding) => finding.kind === kind);
  return first('failure') ?? first('warning') ?? well();
}
