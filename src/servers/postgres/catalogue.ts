import type { Statement } from './pg.ts';

/** What the role may use; PostgreSQL's own schemas are left out. */
export const LIST_SCHEMAS: Statement = {
  sql: `SELECT nspname AS name, obj_description(oid, 'pg_namespace') AS description
    FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND has_schema_privilege(oid, 'USAGE')
    ORDER BY nspname`,
};

/** Tables, views and the like that the role may read, of one schema or, for '', of all. */
export function listTables(schema: string): Statement {
  return {
    sql: `SELECT n.nspname AS schema, c.relname AS name,
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
        CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples::bigint END AS estimated_rows,
        obj_description(c.oid, 'pg_class') AS description
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1 = '' OR n.nspname = $1)
        AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
      ORDER BY n.nspname, c.relname`,
    values: [schema],
  };
}

/** Columns in their order. An empty schema stands for those that a query without one would find. */
export function describeTable(schema: string, table: string): Statement {
  return {
    sql: `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
        pg_get_expr(d.adbin, d.adrelid) AS "default",
        EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS primary_key,
        (SELECT string_agg(pg_get_constraintdef(f.oid), '; ') FROM pg_constraint f
          WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey)) AS "references",
        col_description(c.oid, a.attnum) AS description
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = $2
        AND CASE WHEN $1 = '' THEN pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
        AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
      ORDER BY a.attnum`,
    values: [schema, table],
  };
}

/** Whether the role is one that READ ONLY does not hold: its functions reach files, processes and other sessions. */
export const ROLE_POWERS: Statement = {
  sql: `SELECT concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END,
      (SELECT string_agg(p.rolname, ', ' ORDER BY p.rolname) FROM pg_roles p
        WHERE NOT r.rolsuper AND pg_has_role(r.oid, p.oid, 'MEMBER') AND p.rolname IN ('pg_execute_server_program',
          'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend', 'pg_checkpoint', 'pg_maintain'))) AS powers
    FROM pg_roles r WHERE rolname = current_user`,
};
