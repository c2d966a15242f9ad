import { collectRows, withUniqueNames } from '../row-list.ts';
import { textOf, toolError, type ArgumentSpec, type Caller, type Tool, type ToolAnswer } from '../tool.ts';
import { describeTable, LIST_SCHEMAS, listTables } from './catalogue.ts';
import { ReadFailure } from './failure.ts';
import type { PostgresLimits } from './limits.ts';
import type { Database, Statement } from './pg.ts';
import { explainStatement, readingStatement } from './statement.ts';
import { formatRow } from './values.ts';

const READS = { readOnlyHint: true, openWorldHint: false };
const SCHEMA: ArgumentSpec = {
  type: 'string',
  description: 'Schema it is in (all, or the search path)',
  optional: true,
};

/** In order of their names. */
export function postgresTools(database: Database, limits: PostgresLimits): Tool[] {
  const answer = async (toStatement: () => Statement, { signal }: Caller): Promise<ToolAnswer> =>
    explained(async () => {
      const { columns, rows } = await database.read(toStatement(), signal);
      const named = withUniqueNames(columns);
      return { texts: collectRows(rows, (row, longest) => formatRow(named, row, longest), limits) };
    });
  return [
    {
      name: 'describe_table',
      description: 'Columns of a table or view: types, defaults, keys',
      arguments: { table_name: 'Name of the table to describe', schema: SCHEMA },
      annotations: READS,
      call: async (args, caller) =>
        answer(() => describeTable(textOf(args, 'schema'), textOf(args, 'table_name')), caller),
    },
    {
      name: 'explain_query',
      description: 'How PostgreSQL would run a query; it is not run',
      arguments: { query: 'The SELECT SQL query to explain' },
      annotations: READS,
      call: async (args, { signal }) =>
        explained(async () => {
          const { rows } = await database.read({ sql: explainStatement(textOf(args, 'query')) }, signal);
          return { texts: [rows.map(([text]) => text ?? '').join('\n')] };
        }),
    },
    {
      name: 'list_schemas',
      description: 'List the schemas of the PostgreSQL database',
      arguments: {},
      annotations: READS,
      call: async (_, caller) => answer(() => LIST_SCHEMAS, caller),
    },
    {
      name: 'list_tables',
      description: 'List the tables and views of the PostgreSQL database that can be read',
      arguments: { schema: SCHEMA },
      annotations: READS,
      call: async (args, caller) => answer(() => listTables(textOf(args, 'schema')), caller),
    },
    {
      name: 'query',
      description: 'Execute a read-only SELECT query on the PostgreSQL database',
      arguments: { query: 'The SELECT SQL query to execute' },
      annotations: READS,
      call: async (args, caller) => answer(() => ({ sql: readingStatement(textOf(args, 'query')) }), caller),
    },
  ];
}

async function explained(work: () => Promise<ToolAnswer>): Promise<ToolAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ReadFailure)) throw error;
    return toolError(`Error executing query: ${error.message}`);
  }
}
