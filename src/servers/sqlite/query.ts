import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { collectRows, withUniqueNames } from '../row-list.ts';
import { escapeForHtml } from '../tool.ts';
import { explainOpening, isSqliteError, openReadOnly } from './database.ts';
import type { SqliteLimits } from './limits.ts';
import type { Answer, ProcessSetup, Question } from './messages.ts';
import { formatRow, type Column, type SqlValue } from './rows.ts';

/** Ends at the first end mark and nowhere else: with a lazy match, a row of comments would have as many readings as subsets. */
const COMMENT = String.raw`\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/`;
/** Blanks and comments, then the word a reading statement starts with. */
const READING = new RegExp(String.raw`^(?:\s|--[^\n]*\n|${COMMENT})*(?:select|with|values|explain)`, 'i');
/** What may stand behind the one statement; SQLite takes a comment that is never closed. */
const NOTHING_MORE = new RegExp(String.raw`^(?:[\s;]|--[^\n]*(?:\n|$)|${COMMENT})*(?:\/\*(?:[^*]|\*(?!\/))*)?$`);
/** Without an authorizer nothing else keeps the file's path from being shown. */
const SHOWS_PATH = /pragma_database_list/i;

const INVALID_NAME: Answer = { error: 'Invalid characters in table name.' };
const ONLY_SELECT = 'Only SELECT queries are allowed for read-only access.';

/** Answers one question on a connection of its own; never throws. Wording of errors as in the public server. */
export function answerQuestion({ file, limits }: ProcessSetup, question: Question): Answer {
  let database: DatabaseSync | undefined;
  try {
    database = openReadOnly(file, limits);
    if (question.kind === 'tables') return listTables(database);
    if (question.kind === 'columns') return describeTable(database, question.table);
    return readQuery(database, question.sql, limits);
  } catch (error) {
    return { error: explainOpening(error) ?? `Error executing query: ${describe(error)}` };
  } finally {
    database?.close();
  }
}

function listTables(database: DatabaseSync): Answer {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
  const names = [...rowsOf(database.prepare(sql))].map(([name]) => name);
  return { texts: [escapeForHtml(JSON.stringify(names, null, 2))] };
}

function describeTable(database: DatabaseSync, table: string): Answer {
  // SQLite would read such a name up to the NUL and describe another table.
  if (table.includes('\0')) return INVALID_NAME;
  const statement = database.prepare('SELECT cid, dflt_value, name, "notnull", pk, type FROM pragma_table_info(?)');
  const columns = statement.columns().map(({ name }): Column => ({ name, type: null }));
  const rows = [...rowsOf(statement, table)].map((row) => formatRow(columns, row));
  // A name with such a character that no table has is more likely an attack than a slip; the public server refuses all of them.
  if (rows.length === 0 && /[';-]/.test(table)) return INVALID_NAME;
  return { texts: [rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n]`] };
}

function readQuery(database: DatabaseSync, sql: string, limits: SqliteLimits): Answer {
  const refusal = refusalOf(database, sql);
  if (refusal) return { error: refusal };
  const statement = database.prepare(sql);
  // SQLite compiles the first statement and keeps its text; what it left over must be nothing.
  if (!NOTHING_MORE.test(sql.slice(statement.sourceSQL.length)))
    return { error: 'Only one statement is allowed in a query.' };
  if (statement.expandedSQL !== statement.sourceSQL)
    return { error: 'Error executing query: missing argument with index 1' };
  const columns = withUniqueNames(statement.columns().map(({ name, type }) => ({ name, type })));
  return { texts: collectRows(rowsOf(statement), (row, longest) => formatRow(columns, row, longest), limits) };
}

function refusalOf(database: DatabaseSync, sql: string): string | undefined {
  if (sql.includes('\0')) return 'Error executing query: the query has a NUL character in it';
  if (!READING.test(sql)) return ONLY_SELECT;
  return database.setAuthorizer === undefined && SHOWS_PATH.test(sql)
    ? 'Error executing query: not authorized (23)'
    : undefined;
}

/** node:sqlite types rows as objects; these statements hand out arrays. */
function rowsOf(statement: StatementSync, ...parameters: string[]): Iterable<SqlValue[]> {
  return statement.iterate(...parameters) as unknown as Iterable<SqlValue[]>;
}

/** SQLite's message in the form of the public server: what kind, what exactly, the number. */
function describe(error: unknown): string {
  if (!isSqliteError(error)) return error instanceof Error ? error.message : String(error);
  const { errstr, message, errcode } = error;
  return errstr === message ? `${message} (${errcode})` : `${errstr}: ${message} (${errcode})`;
}
