import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Row = Record<string, unknown>;
export type Value = string | number | null;

/** SQL statements of one connection, each prepared once. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs a statement that writes; the number of rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepare(sql).all(...values);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const prepared = this.#database.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** A TEXT column that cannot be NULL. */
export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}

/** A TEXT column as an optional member. */
export function optionalText<Name extends string>(row: Row, column: string, name: Name): { [key in Name]?: string } {
  const value = row[column];
  return typeof value === 'string' ? ({ [name]: value } as { [key in Name]?: string }) : {};
}

/** A TEXT column that holds a JSON object. */
export function jsonObject(row: Row, column: string): Record<string, unknown> {
  return JSON.parse(text(row, column)) as Record<string, unknown>;
}
