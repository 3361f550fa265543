import type { Logger, TransactionOptions } from "@infra/interfaces";

import { Availability } from "./availability.js";
import { resolveOptions, type DatabaseOptions, type ResolvedOptions } from "./database-options.js";
import type { DatabaseService } from "./database-service.js";
import { dialectOf, type Dialect } from "./dialect.js";
import type { Engine } from "./driver.js";
import { EngineConnection } from "./engine-connection.js";
import { Migrator } from "./migrations/migrator.js";
import { Seeder } from "./migrations/seeder.js";
import { OtherDatabases } from "./other-databases.js";
import { QueryLog } from "./query-log.js";
import { AmbientTransaction } from "./transaction-scope.js";
import { Transactions } from "./transactions.js";

/** What a database service stands on. */
export interface DatabaseParts {
  readonly options: ResolvedOptions;
  readonly dialect: Dialect;
  readonly ambient: AmbientTransaction;
  readonly log: QueryLog;
  readonly availability: Availability;
  readonly connection: EngineConnection;
  readonly transactions: Transactions;
  readonly others: OtherDatabases;
  readonly migrate: Migrator;
  readonly seed: Seeder;
}

/** A replica reads, and is tried once: others take its place. */
const replicaOptions = {
  replicas: [],
  connections: {},
  migrateOnStart: false,
  startTimeout: 0,
} satisfies DatabaseOptions;

/**
 * Puts together what a service stands on; connects to nothing.
 *
 * @param open makes the service of a replica, and of another database.
 * @throws RangeError when an option can't be.
 */
export function databaseParts(
  given: DatabaseOptions,
  logger: Logger,
  open: (options: DatabaseOptions) => DatabaseService,
): DatabaseParts {
  const options = resolveOptions(given);
  const { url, replicas, connections, migrateOnStart } = options;
  const dialect = dialectOf(url.scheme);
  const ambient = new AmbientTransaction();
  const log = new QueryLog(logger, options.slowQueryMs);
  const availability = new Availability(logger, url.masked);
  const others = new OtherDatabases(
    replicas.map((each) => open({ ...given, ...replicaOptions, url: each })),
    Object.entries(connections).map(([name, own]) => [name, open(own)]),
    logger,
  );
  const shared = { ambient, log, dialect, availability };
  const prepare = async (signal: AbortSignal): Promise<void> => {
    if (migrateOnStart) await migrate.latest({ signal });
    await others.start(signal);
  };
  const prepares = migrateOnStart || !others.none;
  const connection = new EngineConnection(options, logger, shared, prepares ? prepare : undefined);
  const engine = (): Engine | Promise<Engine> => {
    const connecting = connection.ready();
    return connecting ? connecting.then(() => connection.engine) : connection.engine;
  };
  const transactions = new Transactions({ ...shared, logger, knex: connection.knex, engine });
  const host = {
    ...shared,
    logger,
    knex: connection.knex,
    engine: async () => engine(),
    transaction: <T>(work: () => Promise<T>, how?: TransactionOptions) =>
      transactions.run(work, how),
  };
  const migrate = new Migrator({ ...host, source: options.migrations });
  const seed = new Seeder({ ...host, source: options.seeds });
  return { ...shared, options, others, connection, transactions, migrate, seed };
}
