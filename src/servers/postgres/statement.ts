import { ReadFailure } from './failure.ts';

const COMMENT = String.raw`\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/`;
const BLANK = String.raw`(?:\s|--[^\n]*\n|${COMMENT})*`;
const OPENING = String.raw`^${BLANK}(?:\(${BLANK})*`;
/** Blanks, comments and brackets, then the word that a query starts with. */
const QUERY = new RegExp(String.raw`${OPENING}(?:select|with|values|table)\b`, 'i');
const READING = new RegExp(String.raw`${OPENING}(?:select|with|values|table|show)\b`, 'i');
const MOST_CHARACTERS = 1_000_000;

/**
 * The statement, when its first word is one that reads. The READ ONLY transaction is what holds it to that; the word keeps out what
 * changes no table and yet should not run: SET, COPY, DO, CALL, LOCK, NOTIFY, and EXPLAIN, whose ANALYZE makes tables in spite of READ ONLY
 * (they would go with the rollback).
 */
export function readingStatement(sql: string): string {
  return checked(sql, READING);
}

/** Without ANALYZE nothing is run: what follows EXPLAIN has to be the query itself. */
export function explainStatement(sql: string): string {
  return `EXPLAIN ${checked(sql, QUERY)}`;
}

function checked(sql: string, pattern: RegExp): string {
  // The wire ends a text at its first NUL: what stands behind would be dropped unseen.
  if (sql.includes('\0')) throw new ReadFailure('the query has a NUL character in it');
  if (sql.length > MOST_CHARACTERS) throw new ReadFailure(`the query is longer than ${MOST_CHARACTERS} characters`);
  if (!pattern.test(sql)) throw new ReadFailure('Only SELECT queries are allowed for read-only access.');
  return sql;
}
