/** The part of a connection that the extended protocol needs; `more` is the library's own leftover. */
export interface Wire {
  parse(query: { name: string; text: string; types: string[] }, more: boolean): void;
  bind(config: { portal: string; statement: string; binary: string; values: string[] }, more: boolean): void;
  describe(message: { type: string; name: string }, more: boolean): void;
  execute(config: { portal: string; rows: string }, more: boolean): void;
  flush(): void;
  sync(): void;
}

export interface PortalResult {
  columns: { name: string; type: number }[];
  /** Values as PostgreSQL writes them; null is NULL. */
  rows: (string | null)[][];
}

export interface PortalLimits {
  rows: number;
  /** Characters of all values together. */
  characters: number;
}

/** Rows that the server sends before it is told whether to go on. */
const BATCH = 50;

/**
 * One statement over the extended protocol, of whose rows only as many are fetched as fit: what comes after them never leaves the
 * server. A text of several statements is refused by the server, as Parse takes one only.
 * https://www.postgresql.org/docs/17/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class Portal {
  readonly done: Promise<PortalResult>;
  readonly #sql: string;
  readonly #values: readonly string[];
  readonly #limits: PortalLimits;
  readonly #result: PortalResult = { columns: [], rows: [] };
  readonly #settle: PromiseWithResolvers<PortalResult>;
  #characters = 0;

  constructor(sql: string, values: readonly string[], limits: PortalLimits) {
    this.#sql = sql;
    this.#values = values;
    this.#limits = limits;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
  }

  /** Called by the library when the connection is free. */
  submit(wire: Wire): void {
    wire.parse({ name: '', text: this.#sql, types: [] }, true);
    wire.bind({ portal: '', statement: '', binary: '', values: [...this.#values] }, true);
    wire.describe({ type: 'P', name: '' }, true);
    this.#fetch(wire);
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    this.#result.columns = fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    if (this.#isFull()) return;
    this.#result.rows.push(fields);
    for (const value of fields) this.#characters += value?.length ?? 0;
  }

  handlePortalSuspended(wire: Wire): void {
    if (this.#isFull()) wire.sync();
    else this.#fetch(wire);
  }

  handleCommandComplete(_: unknown, wire: Wire): void {
    wire.sync();
  }

  handleEmptyQuery(wire: Wire): void {
    wire.sync();
  }

  /** No data is ever copied to the server: COPY is refused before. */
  handleCopyInResponse(wire: Wire): void {
    wire.sync();
  }

  handleCopyData(): void {}

  /** After an error the server reads on to the next sync before it answers anything. */
  handleError(error: Error, wire: Wire): void {
    wire.sync();
    this.#settle.reject(error);
  }

  handleReadyForQuery(): void {
    this.#settle.resolve(this.#result);
  }

  #fetch(wire: Wire): void {
    // The library writes the number into the message, whatever its type declaration says.
    wire.execute({ portal: '', rows: String(BATCH) }, true);
    wire.flush();
  }

  /** One row more than fits, so that it is known that there are more. */
  #isFull(): boolean {
    return this.#result.rows.length > this.#limits.rows || this.#characters > this.#limits.characters;
  }
}
