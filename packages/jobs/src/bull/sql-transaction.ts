import type { Database } from "@infra/interfaces";

import type { BackendFactory, BullLibrary, BullQueue } from "./bull-types.js";

/** Whether the caller is inside a transaction of the database: outside of one, `afterCommit` calls back at once. */
function insideTransaction(database: Database): boolean {
  let inside = true;
  database.afterCommit(() => {
    inside = false;
  });
  return inside;
}

/** A pool of the one connection that the transaction around the caller is on, as far as BullMQ uses one. */
function transactionPool(database: Database): object {
  const query = async (text: string | { text: string; values?: unknown[] }, values?: unknown[]) => {
    const sql = typeof text === "string" ? text : text.text;
    const given = (typeof text === "string" ? values : text.values) ?? [];
    const bindings: unknown[] = [];
    const marked = sql.replaceAll("?", "\\?").replaceAll(/\$(\d+)/g, (_, number: string) => {
      bindings.push(given[Number(number) - 1] ?? null);
      return "?";
    });
    const rows = await database.query(marked, bindings);
    return { rows, rowCount: rows.length, command: "SELECT" };
  };
  const client = {
    query,
    release() {},
    on: () => client,
    removeListener: () => client,
    removeAllListeners: () => client,
  };
  const pool = {
    query,
    connect: () => Promise.resolve(client),
    end: () => Promise.resolve(),
    on: () => pool,
    removeAllListeners: () => pool,
  };
  return pool;
}

/**
 * Runs work with a queue that writes within the transaction around the caller: what it adds is there when that commits.
 *
 * @returns whether there is such a transaction; without one nothing is done.
 */
export async function withTransactionQueue(
  database: Database,
  queueName: string,
  { library, backend }: { readonly library: BullLibrary; readonly backend: BackendFactory },
  work: (queue: BullQueue) => Promise<void>,
): Promise<boolean> {
  if (!insideTransaction(database)) return false;
  const [row] = await database.query<{ path: string }>(
    "select current_setting('search_path') as path",
  );
  const path = row?.path ?? "public";
  const setPath = (value: string): Promise<unknown> =>
    database.query("select set_config('search_path', ?, true)", [value]);
  // the application's own statements may be sent in between: they still find their tables
  await setPath(path === "" ? "bullmq" : `bullmq, ${path}`);
  // without skipMetasUpdate the constructor would ask something by itself
  const options = { connection: transactionPool(database), skipMetasUpdate: true };
  const queue = new library.Queue(queueName, options, backend);
  queue.on("error", () => {});
  try {
    await work(queue);
  } finally {
    await queue.close();
    // of a transaction that has failed it is gone with it
    await setPath(path).catch(() => {});
  }
  return true;
}
