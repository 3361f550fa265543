import type { Knex } from "knex";

import type { RawConnection } from "./driver.js";
import type { Statement } from "./query-log.js";

/** Where a builder of knex keeps the connection that it was given. */
export const givenConnection = "_connection";

/** Where it keeps whether its statement is to be logged. */
const debugged = "_debug";

/** A builder of knex, as far as running it goes. */
interface Builder {
  emit(event: string, ...about: readonly unknown[]): boolean;
  listenerCount(event: string): number;
  queryContext(): unknown;
  toSQL(): Statement | readonly Statement[];
  readonly [givenConnection]?: RawConnection;
  readonly [debugged]?: boolean;
}

/** A client of knex, as far as running a builder goes. */
interface RunningClient extends Knex.Client {
  /** A connection that need not be waited for. */
  connectionAtHand(): RawConnection | undefined;
  processResponse(answer: unknown, runner: Runner): unknown;
  /** A transaction keeps its connection. */
  readonly transacting?: boolean;
}

/** knex's own class, which runs one builder. */
export interface Runner {
  readonly client: RunningClient;
  readonly builder: Builder;
  connection?: (RawConnection & { __knexUid?: string; __knexTxId?: string }) | undefined;
  run(): Promise<unknown>;
  query(statement: Statement): Promise<unknown>;
  queryArray(statements: readonly Statement[]): Promise<unknown>;
}

export type RunnerClass = new (client: object, builder: object) => Runner;

/**
 * knex's class with a shorter way for what is run most: a statement on a connection that is at hand. It does the same, and
 * makes few promises of it: once a transaction was ambient, Node.js follows each.
 */
export function shortenRunner(Base: RunnerClass): RunnerClass {
  return class extends Base {
    override run(): Promise<unknown> {
      const { client, builder } = this;
      const connection = builder[givenConnection] ? undefined : atHand(client);
      if (!connection) return super.run();
      this.connection = connection;
      return this.#started().then(
        (result) => {
          if (!client.transacting) client.releaseConnection(connection);
          builder.emit("end");
          return result;
        },
        (error: unknown) => {
          if (!client.transacting) client.releaseConnection(connection);
          if (builder.listenerCount("error") > 0) builder.emit("error", error);
          throw error;
        },
      );
    }

    #started(): Promise<unknown> {
      const { client, builder } = this;
      try {
        client.emit("start", builder);
        builder.emit("start", builder);
        const sql = builder.toSQL();
        if (builder[debugged]) client.logger.debug?.(sql);
        return Array.isArray(sql) ? this.queryArray(sql) : this.query(sql as Statement);
      } catch (error) {
        return Promise.reject(error);
      }
    }

    /** Without knex's time-out, which the client has taken off the statement. */
    override query(statement: Statement): Promise<unknown> {
      const { client, builder } = this;
      const { __knexUid, __knexTxId } = this.connection!;
      const about = (): object => ({ __knexUid, __knexTxId, ...statement });
      const failed = (error: unknown): never => {
        if (builder.listenerCount("query-error") > 0) builder.emit("query-error", error, about());
        throw error;
      };
      const finish = (processed: unknown): unknown => {
        const result: unknown = client.postProcessResponse(processed, statement.queryContext);
        const answered = about();
        builder.emit("query-response", result, answered, builder);
        client.emit("query-response", result, answered, builder);
        return result;
      };
      if (builder.listenerCount("query") > 0) builder.emit("query", about());
      statement.queryContext = builder.queryContext();
      return (client.query(this.connection, statement) as Promise<unknown>).then((answer) => {
        try {
          const processed = client.processResponse(answer, this);
          // a schema change of SQLite takes several statements
          return processed instanceof Promise
            ? processed.then(finish).catch(failed)
            : finish(processed);
        } catch (error) {
          return failed(error);
        }
      }, failed);
    }
  };
}

/** What is wrong comes out where a connection is waited for. */
function atHand(client: RunningClient): RawConnection | undefined {
  try {
    return client.connectionAtHand();
  } catch {
    return undefined;
  }
}
