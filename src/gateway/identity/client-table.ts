import type { ClientMetadata } from './client-metadata.ts';
import { jsonObject, optionalText, type Row, type Statements, text, type Value } from './statements.ts';

export interface Client {
  id: string;
  metadata: ClientMetadata;
  secret?: string;
}

export const COUNT_CLIENTS = 'SELECT count(*) AS number FROM clients';
export const INSERT_CLIENT = 'INSERT INTO clients (id, metadata, secret, registered_at) VALUES (?, ?, ?, ?)';

/** Dynamically registered clients; they never expire. */
export class ClientTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  add(client: Client): void {
    this.#sql.run(INSERT_CLIENT, ...clientValues(client));
  }

  find(id: string): Client | undefined {
    const row = this.#sql.get('SELECT id, metadata, secret FROM clients WHERE id = ?', id);
    return row && storedClient(row);
  }

  count(): number {
    return countIn(this.#sql.get(COUNT_CLIENTS) ?? {});
  }
}

/** In the order of INSERT_CLIENT. */
export function clientValues({ id, metadata, secret }: Client): Value[] {
  return [id, JSON.stringify(metadata), secret ?? null, Date.now()];
}

export function countIn(row: Row): number {
  return Number(row['number'] ?? 0);
}

export function storedClient(row: Row): Client {
  const metadata = jsonObject(row, 'metadata') as ClientMetadata;
  return { id: text(row, 'id'), metadata, ...optionalText(row, 'secret', 'secret') };
}
