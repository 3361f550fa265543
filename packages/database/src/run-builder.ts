import { toMilliseconds, type QueryOptions } from "@infra/interfaces";
import type { Knex } from "knex";

import { runCancellable } from "./cancellable.js";
import type { RawConnection } from "./driver.js";
import { controlKey } from "./statement-control.js";

/** What can be run with a signal: a builder of knex, or what `knex.raw` gives. */
export type Runnable<T> = Knex.ChainableInterface<T> & {
  queryContext(context: unknown): Knex.ChainableInterface<T>;
};

/** Runs a builder on a client of knex. The timeout counts from here: the wait for a connection is part of it. */
export async function runBuilder<T>(
  client: Knex.Client,
  builder: Runnable<T>,
  { signal, timeout }: QueryOptions,
): Promise<T> {
  if (!signal && timeout === undefined) return await builder;
  const timeoutMs = timeout === undefined ? Infinity : toMilliseconds(timeout, "timeout");
  const startedAt = performance.now();
  const connection = await acquire(client, { signal, timeoutMs });
  try {
    const left = Math.max(0, timeoutMs - (performance.now() - startedAt));
    const control = { signal, timeoutMs: left };
    return await builder.connection(connection).queryContext({ [controlKey]: control });
  } finally {
    await client.releaseConnection(connection);
  }
}

async function acquire(
  client: Knex.Client,
  control: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<RawConnection> {
  const acquiring = client.acquireConnection() as Promise<RawConnection>;
  try {
    return await runCancellable(
      () => acquiring,
      control,
      () => Promise.resolve("runs on"),
    );
  } catch (error) {
    acquiring.then(
      (late) => client.releaseConnection(late) as Promise<void>,
      () => {},
    );
    throw error;
  }
}
