import type { AcmeProblem } from '../acme/problem.ts';
import type { CannotAnswer, ChallengeType, Means } from './challenge.ts';

/** What came of a challenge. */
export type Outcome =
  | { kind: 'valid'; means: Means }
  | { kind: 'invalid'; means: Means; problem: AcmeProblem }
  /** The authority took no order for the host, or not now. */
  | { kind: 'refused'; problem: AcmeProblem; retryAt?: number }
  | { kind: 'not tried'; reason: CannotAnswer['reason'] | 'not offered' | 'no time'; text: string };

export interface Trial {
  host: string;
  type: ChallengeType;
  port: number;
  outcome: Outcome;
}

export type DryRunReport =
  | { kind: 'tried'; directory: string; serverTime?: number; trials: Trial[]; leftOver: string[] }
  /** No account: the authority was not reached, or refuses doctor as a whole. */
  | { kind: 'unreachable'; directory: string; code: string; message: string }
  | { kind: 'refused'; directory: string; problem: AcmeProblem; retryAt?: number };
