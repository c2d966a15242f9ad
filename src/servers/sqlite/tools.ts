import { textOf, type Tool, type ToolAnswer } from '../tool.ts';
import type { Answer } from './messages.ts';
import type { QueryPool } from './pool.ts';

const READS = { readOnlyHint: true, openWorldHint: false };

/** In order of their names, as the public server lists them. */
export function sqliteTools(pool: QueryPool): Tool[] {
  return [
    {
      name: 'describe_table',
      description: 'Get the schema information (columns, types) for a specific table',
      arguments: { table_name: 'Name of the table to describe' },
      annotations: READS,
      call: async (args, { signal }) =>
        toToolAnswer(await pool.ask({ kind: 'columns', table: textOf(args, 'table_name') }, signal)),
    },
    {
      name: 'list_tables',
      description: 'List all user tables in the SQLite database',
      arguments: {},
      annotations: READS,
      call: async (_, { signal }) => toToolAnswer(await pool.ask({ kind: 'tables' }, signal)),
    },
    {
      name: 'read_query',
      description: 'Execute a read-only SELECT query on the SQLite database',
      arguments: { query: 'The SELECT SQL query to execute' },
      annotations: READS,
      call: async (args, { signal }) =>
        toToolAnswer(await pool.ask({ kind: 'query', sql: textOf(args, 'query') }, signal)),
    },
    {
      // It changes nothing: it is there so that a policy has a tool to block.
      name: 'update',
      description: 'Update records in a table',
      arguments: {
        table_name: 'Name of the table to update',
        set_clause: "SET clause for the update (e.g. 'name=John, age=30')",
        where_clause: "WHERE clause to filter which records to update (e.g. 'id=1')",
      },
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
      call: async () => ({ texts: ['Update command received but not executed (read-only mode)'] }),
    },
  ];
}

function toToolAnswer(answer: Answer): ToolAnswer {
  return 'error' in answer ? { texts: [answer.error], isError: true } : { texts: answer.texts };
}
