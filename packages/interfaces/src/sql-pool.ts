/** What a query gave: the structural subset of `pg.QueryResult`. */
export interface SqlResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  /** Rows affected or returned; `null` for commands that have no count. */
  readonly rowCount: number | null;
  /** The command tag's first word: `SELECT`, `INSERT`, … */
  readonly command: string;
}

/** One connection, taken out of a pool: the structural subset of `pg.PoolClient`. */
export interface SqlClient {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>>;
  /** Puts the connection back; `true` or an error throws it away instead. */
  release(destroy?: boolean | Error): void;
}

/** A pool of PostgreSQL connections: the structural subset of `pg.Pool`, which satisfies it as it is. */
export interface SqlPool {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>>;
  connect(): Promise<SqlClient>;
  /** Closes the pool; the database it belongs to stays open. */
  end(): Promise<void>;
}

/** Options of `Database.openPool`. */
export interface SqlPoolOptions {
  /** Connections at the most. @default 10 */
  readonly max?: number;
  /** Session settings, applied to each new connection: `{ search_path: "bullmq" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}
