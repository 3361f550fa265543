import type { DatabaseService } from "@infra/database";

import { openTestDatabase, type MockDatabaseOptions } from "./mock-database-service.js";
import type { TestDatabase } from "./test-engine.js";

/**
 * Prepares a database once, for instance by its migrations, and resolves to what opens a copy of it each time: a database
 * for every test, also for those whose code commits. A copy is its opener's to stop; it is removed with `engine.close()`.
 */
export async function templateDatabase(
  engine: TestDatabase,
  prepare: (database: DatabaseService) => Promise<void>,
  options: MockDatabaseOptions = {},
): Promise<() => Promise<DatabaseService>> {
  const copy = await engine.template(async (url) => {
    const database = openTestDatabase(url, options);
    try {
      await prepare(database);
    } finally {
      await database.stop();
    }
  });
  return async () => openTestDatabase(await copy(), { ...options, migrateOnStart: false });
}
