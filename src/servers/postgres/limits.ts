import type { RowLimits } from '../row-list.ts';

/** What one query may use. */
export interface PostgresLimits extends RowLimits {
  /** Milliseconds for a statement. */
  timeout: number;
  /** Connections of the pool, which is how many queries run at the same time. */
  connections: number;
}

/** Rows and bytes as for sqlite. */
const DEFAULTS: PostgresLimits = { timeout: 10_000, rows: 1_000, bytes: 10_000, connections: 4 };

export function withDefaults(limits: Partial<PostgresLimits> = {}): PostgresLimits {
  return { ...DEFAULTS, ...limits };
}
