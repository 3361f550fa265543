import type { Engine, OpenContext } from "../driver.js";
import { importDriver } from "../import-driver.js";
import { importPg, pgEngine } from "../pg-engine.js";

const install = "npm i @infra/embedded-postgres pg";

/**
 * PostgreSQL inside the process, by `pglite:./directory`, or `pglite:memory` for one that is gone when it is closed.
 *
 * It has one backend: transactions take turns, and a running statement can't be interrupted.
 */
export async function openEmbedded({ url, logger }: OpenContext): Promise<Engine> {
  const { EmbeddedPostgres } = await importDriver(
    () => import("@infra/embedded-postgres"),
    "@infra/embedded-postgres",
    "pglite:",
    install,
  );
  const pg = await importPg("pglite:", install);
  const server = await EmbeddedPostgres.open({
    ...(url.rest !== "memory" && { directory: url.rest }),
    logger,
    onProgress: ({ message }) => logger.info(`embedded database: ${message}`),
  });
  return {
    ...pgEngine(pg, server.pgConfig()),
    name: "embedded",
    concurrentTransactions: false,
    cancel: () => Promise.resolve(false),
    close: (signal) => server.close(signal && { signal }),
  };
}
