import type { Connection, RowDataPacket } from "mysql2";

import { cancelled } from "../cancellable.js";
import type { Dialect, RowReading } from "../dialect.js";
import type { RawConnection } from "../driver.js";
import { jsonBindings } from "./json-bindings.js";
import { translateMysqlError } from "./mysql-errors.js";

/** SERVER_STATUS_IN_TRANS of the protocol. */
const inTransaction = 1;

/** MySQL and MariaDB through `mysql2`. */
export const mysqlDialect: Dialect = {
  knexClient: "mysql2",
  knexConfig: {},
  transactionalSchema: false,
  returning: false,
  textType: "char(64)",
  maxBindings: 65_535,
  maxRows: Infinity,
  maxConnections: Infinity,
  readsInTransaction: false,
  rows<Row>(result: unknown) {
    const rows = (result as readonly unknown[])[0];
    return Array.isArray(rows) ? (rows as Row[]) : [];
  },
  bind: jsonBindings,
  position: unescaped,
  begin: ({ isolation, readOnly }) => [
    ...(isolation ? [`SET TRANSACTION ISOLATION LEVEL ${isolation};`] : []),
    readOnly ? "START TRANSACTION READ ONLY;" : "BEGIN;",
  ],
  /** What changes the schema commits what was done before it. */
  endedTransaction(response) {
    const status = (response as readonly { serverStatus?: number }[] | undefined)?.[0]
      ?.serverStatus;
    return status !== undefined && (status & inTransaction) === 0;
  },
  ping: (connection) =>
    new Promise((resolve, reject) => {
      (connection as Connection).ping((error) => (error ? reject(error) : resolve(undefined)));
    }),
  translate: translateMysqlError,
  /** Read from the wire as it is asked for; the connection can do nothing else meanwhile. */
  async *readRows<Row>({ client, sql, bindings, batchSize, signal }: RowReading) {
    if (signal?.aborted) throw cancelled(signal);
    const connection = (await client.acquireConnection()) as RawConnection & Connection;
    const release = client.hold(connection);
    const query = connection.query<RowDataPacket[]>({
      sql: unescaped(sql),
      values: [...jsonBindings(bindings)],
    });
    const ended = new Promise<void>((resolve) => {
      query.once("end", resolve).once("error", () => resolve());
    });
    const rows = query.stream({ highWaterMark: batchSize });
    const onAbort = (): void => void rows.destroy(cancelled(signal!));
    signal?.addEventListener("abort", onAbort, { once: true });
    let complete = false;
    try {
      for await (const row of rows) yield row as Row;
      complete = true;
    } catch (error) {
      throw await client.translate(error, sql, connection);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      // what is left of the answer has to be read before anything else can be
      if (!complete) await client.endStatement(connection);
      await ended;
      release();
      await client.releaseConnection(connection);
    }
  },
};

/** `mysql2` tells a question mark in a text from a placeholder itself. */
function unescaped(sql: string): string {
  return sql.replaceAll("\\?", "?");
}
