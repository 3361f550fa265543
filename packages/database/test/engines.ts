import { testDatabases, type TestDatabase } from "@infra/testing";
import { afterAll, beforeAll, describe } from "@jest/globals";

import { DatabaseService, type DatabaseDependencies, type DatabaseOptions } from "../src/index.js";

/** What a suite has of the engine that it runs on. */
export interface SuiteEngine {
  readonly name: TestDatabase["name"];
  /** A service on a new, empty database, stopped after the suite. */
  open(options?: DatabaseOptions, deps?: DatabaseDependencies): Promise<DatabaseService>;
  /** The URL of a new, empty database. */
  url(): Promise<string>;
}

const databases = await testDatabases(process.env, ["embedded", "postgres", "mysql", "sqlite"]);

/** Runs one suite on each engine; one that is missing is a visible skip. */
export function describeOnEngines(
  title: string,
  body: (engine: SuiteEngine) => void,
  only: readonly TestDatabase["name"][] = ["embedded", "postgres"],
): void {
  for (const database of databases.filter(({ name }) => only.includes(name))) {
    const run = database.missing === undefined ? describe : describe.skip;
    run(`${title} on ${database.title}`, () => {
      const opened: DatabaseService[] = [];
      // the first start of an engine takes its time
      beforeAll(() => {}, 60_000);
      afterAll(async () => {
        await Promise.all(opened.map((db) => db.stop()));
        await database.close();
      }, 60_000);
      body({
        name: database.name,
        url: () => database.url(),
        async open(options, deps) {
          const db = new DatabaseService({ ...options, url: await database.url() }, deps);
          opened.push(db);
          return db;
        },
      });
    });
  }
}
