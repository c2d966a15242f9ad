import type { SqliteLimits } from './limits.ts';

/** What a query process is started with, as JSON in its first argument. */
export interface ProcessSetup {
  file: string;
  limits: SqliteLimits;
}

export type Question = { kind: 'query'; sql: string } | { kind: 'tables' } | { kind: 'columns'; table: string };

export type Answer = { texts: string[] } | { error: string };
