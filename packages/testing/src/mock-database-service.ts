import { DatabaseService, type DatabaseDependencies, type DatabaseOptions } from "@infra/database";

/** Options of {@link MockDatabaseService}: those of a `DatabaseService`, but for its URL. */
export type MockDatabaseOptions = Omit<DatabaseOptions, "url">;

/**
 * A `DatabaseService` on a database of its own in memory: it behaves like one because it is one. Needs no server, starts
 * on first use, and runs the `migrations` it was given when it does.
 */
export class MockDatabaseService extends DatabaseService {
  constructor(options: MockDatabaseOptions = {}, deps: DatabaseDependencies = {}) {
    super(
      { migrateOnStart: options.migrations !== undefined, ...options, url: "pglite:memory" },
      deps,
    );
  }
}

/** A `DatabaseService` on a database of the machine's engines: `openTestDatabase(await engine.url())`. */
export function openTestDatabase(url: string, options: MockDatabaseOptions = {}): DatabaseService {
  return new DatabaseService({ ...options, url });
}
