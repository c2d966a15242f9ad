import { line } from '../provider/text.ts';
import type { PostgresLimits } from './limits.ts';
import { Stopped } from './stopped.ts';

/** A query that failed; the message is for the user and names no host, user or password. */
export class ReadFailure extends Error {}

/** What the library or the server says. https://www.postgresql.org/docs/17/errcodes-appendix.html */
interface Cause {
  code: string;
  message: string;
}

const CANCELED = '57014';
const READ_ONLY = '25006';
const SYNTAX = '42601';

export function asReadFailure(error: unknown, { timeout }: PostgresLimits): ReadFailure {
  const slow = `the query took longer than ${timeout / 1000} s and was stopped`;
  if (!(error instanceof Stopped)) return new ReadFailure(describe(causeOf(error), slow), { cause: error });
  const messages = {
    caller: 'the query was stopped',
    overtime: slow,
    size: 'a value is too large; ask for a part of it',
  };
  return new ReadFailure(messages[error.why], { cause: error });
}

function describe({ code, message }: Cause, slow: string): string {
  if (code === CANCELED && message.includes('statement timeout')) return slow;
  if (code === CANCELED) return 'the query was stopped';
  if (code === READ_ONLY) return `${message}: only reading is allowed`;
  if (code === SYNTAX && message.includes('multiple commands')) return 'only one statement is allowed in a query';
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')) return `${line(message)} (${code})`;
  // A failure of the network, or of the library, in whose words hosts and users stand.
  return code
    ? `the database cannot be reached (${code})`
    : 'the database cannot be reached, or has no connection free';
}

function causeOf(error: unknown): Cause {
  const one: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  if (!(one instanceof Error)) return { code: '', message: '' };
  return { code: 'code' in one && typeof one.code === 'string' ? one.code : '', message: one.message };
}
