import { StoreUnavailable } from '../state-store.ts';
import type { Target } from './target.ts';

/** What the server or the network says; `code` is a SQLSTATE or a system error's name. */
interface Cause {
  code?: string;
  message: string;
  severity?: string;
  /** Of a system error. */
  address?: string;
  port?: number;
}

/** PostgreSQL's error classes that stay wrong however often one tries: data exceptions, constraints, syntax and access, limits of a program. */
const LASTING = ['22', '23', '42', '54'];

/** Words of pgx, which Pomerium v0.33.1 connects with: its log is where people look for this. */
export function connectionFailure(error: unknown, { user, database, host, port }: Target): StoreUnavailable {
  const cause = asCause(error);
  const place = `${cause.address ?? host}:${cause.port ?? port}`;
  return new StoreUnavailable(
    `failed to connect to \`user=${user} database=${database}\`: ${reason(cause, host, place)}`,
    { cause: error },
  );
}

function reason(cause: Cause, host: string, place: string): string {
  const { code = '', message } = cause;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `hostname resolving error: lookup ${host}: no such host`;
  if (code === 'ECONNREFUSED') return `${place} (${host}): dial error: dial tcp ${place}: connect: connection refused`;
  if (!isSqlState(code)) return `${place} (${host}): ${message}`;
  // Class 28: invalid authorization specification.
  return `${place} (${host}): ${code.startsWith('28') ? 'failed SASL auth' : 'server error'}: ${serverWords(cause)}`;
}

/** A failure of a connection that stood. */
export function queryFailure(error: unknown): Error {
  const cause = asCause(error);
  const { code = '' } = cause;
  if (!isSqlState(code)) return new StoreUnavailable(cause.message, { cause: error });
  const words = serverWords(cause);
  const lasts = LASTING.includes(code.slice(0, 2));
  return lasts ? new Error(words, { cause: error }) : new StoreUnavailable(words, { cause: error });
}

function serverWords({ severity = 'ERROR', message, code }: Cause): string {
  return `${severity}: ${message} (SQLSTATE ${code})`;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E');
}

function asCause(error: unknown): Cause {
  // Several addresses were tried: the last one speaks for all.
  const one: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  return one instanceof Error ? one : { message: String(one) };
}
