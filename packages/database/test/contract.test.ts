import { testDatabases } from "@infra/testing";
import { describeDatabaseContract, type DatabaseContract } from "@infra/testing/database";
import { describe } from "@jest/globals";

import { DatabaseService } from "../src/index.js";

const oneConnection = {
  oneTransaction: "the engine runs one transaction at a time",
  noCancelling: "the engine can't interrupt a statement",
};

/** What each engine can't do. */
const limits: Readonly<Record<string, Partial<DatabaseContract>>> = {
  embedded: oneConnection,
  sqlite: {
    ...oneConnection,
    noReferencedKey: "SQLite does not say which key refers to the row",
  },
  mysql: {
    noSchemaTransaction: "MySQL commits before it changes the schema",
    noAskingWhileStreaming: "MySQL sends all rows before it listens again",
  },
};

const databases = await testDatabases(process.env, ["embedded", "postgres", "mysql", "sqlite"]);
for (const database of databases) {
  const run = database.missing === undefined ? describe : describe.skip;
  run(database.title, () => {
    describeDatabaseContract(database.name, {
      ...limits[database.name],
      open: async (options, deps) =>
        new DatabaseService({ ...options, url: await database.url() }, deps),
      close: () => database.close(),
    });
  });
}
