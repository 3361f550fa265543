import { importPeer } from "@infra/errors";

import type { Engine, OpenContext } from "../driver.js";
import { importPg, pgEngine } from "../pg-engine.js";
import { ProcessLock } from "../process-lock.js";

const install = "@infra/embedded-postgres pg";

/**
 * PostgreSQL inside the process, by `pglite:./directory`, or `pglite:memory` for one that is gone when it is closed.
 *
 * It has one backend: transactions take turns, and a running statement can't be interrupted.
 */
export async function openEmbedded({ url, logger }: OpenContext): Promise<Engine> {
  const { EmbeddedPostgres } = await importPeer(
    "@infra/embedded-postgres",
    () => import("@infra/embedded-postgres"),
    { for: "the url pglite:", install },
  );
  const pg = await importPg("pglite:", install);
  const server = await EmbeddedPostgres.open({
    ...(url.rest !== "memory" && { directory: url.rest }),
    logger,
    onProgress: ({ message }) => logger.info(`embedded database: ${message}`),
  });
  const lock = new ProcessLock();
  return {
    ...pgEngine(pg, server.pgConfig()),
    name: "embedded",
    concurrentTransactions: false,
    cancel: () => Promise.resolve("runs on"),
    lock: () => Promise.resolve(lock.take()),
    close: (signal) => server.close(signal && { signal }),
  };
}
