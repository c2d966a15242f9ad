/** What one query may use. */
export interface SqliteLimits {
  /** Milliseconds for a call, waiting included. */
  timeout: number;
  rows: number;
  /** Bytes of the answer's JSON. */
  bytes: number;
  /** Bytes of memory for the whole process that runs the query; an idle one takes about 60 MiB. */
  memory: number;
  /** Queries that run at the same time. */
  processes: number;
}

/** 10,000 bytes is where the public server cuts. */
const DEFAULTS: SqliteLimits = { timeout: 10_000, rows: 1_000, bytes: 10_000, memory: 256 * 1024 * 1024, processes: 4 };

export function withDefaults(limits: Partial<SqliteLimits> = {}): SqliteLimits {
  return { ...DEFAULTS, ...limits };
}
