import type { Knex } from "knex";

import type { RawConnection } from "./driver.js";

/** What knex puts on a transaction before it opens it. */
export interface OpeningTransaction extends Knex.Transaction {
  readonly trxClient: Knex.Client;
  readonly isolationLevel?: Knex.IsolationLevels;
  readonly readOnly?: boolean;
  begin(connection: RawConnection): Promise<unknown>;
}

/** Runs a statement on a connection, as a client of knex does. */
export type RunStatement = Knex.Client["query"];

/**
 * Takes the promise off that knex puts around each statement of a transaction, which it needs only for refusing one.
 *
 * @param own the connection of the transaction.
 * @param query what runs a statement.
 */
export function unwrapQuery(
  opening: OpeningTransaction,
  own: RawConnection,
  query: RunStatement,
): void {
  const client = opening.trxClient;
  const refuse = client.query.bind(client);
  client.query = (connection, statement) => {
    if (connection !== own || opening.isCompleted()) return refuse(connection, statement);
    try {
      return query(connection, statement);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** Runs statements one after the other. */
export function runInTurn(
  client: Knex.Client,
  connection: RawConnection,
  [first, ...others]: readonly string[],
): Promise<unknown> {
  const running = client.query(connection, first) as Promise<unknown>;
  return others.length === 0 ? running : running.then(() => runInTurn(client, connection, others));
}
