import type { DatabaseDependencies, DatabaseOptions, DatabaseService } from "@infra/database";

import { describeDatabaseErrors } from "./database-contract/errors.js";
import { describeDatabaseLife } from "./database-contract/life.js";
import { describeDatabaseMigrations } from "./database-contract/migrations.js";
import { describeDatabasePropagation } from "./database-contract/propagation.js";
import { describeDatabaseQueries } from "./database-contract/queries.js";
import { describeDatabaseRepository } from "./database-contract/repository.js";
import { describeDatabaseTransactions } from "./database-contract/transactions.js";
import { describeDatabaseWrites } from "./database-contract/writes.js";
import { afterAll, beforeAll, describe } from "./runner.js";

/** The engine that {@link describeDatabaseContract} runs on, and what it can't do: each is a visible skip with its reason. */
export interface DatabaseContract {
  /** A service on a new, empty database, not started; the suite stops it. */
  open(options?: DatabaseOptions, deps?: DatabaseDependencies): Promise<DatabaseService>;
  /** Runs at the end of the suite. */
  close?(): Promise<void>;
  /** Why there is one transaction at a time. @default there can be several */
  readonly oneTransaction?: string;
  /** Why a statement that runs can't be given up. @default it can */
  readonly noCancelling?: string;
  /** Why a schema change is not part of the transaction. @default it is */
  readonly noSchemaTransaction?: string;
  /** Why nothing else can be asked while a transaction is streamed in. @default it can */
  readonly noAskingWhileStreaming?: string;
  /** Why a refused foreign key is not named from the side of the row that is referred to. @default it is */
  readonly noReferencedKey?: string;
}

/** What the parts of the suite share. */
export interface ContractSuite extends DatabaseContract {
  /** One service for all of them, with four connections. */
  readonly db: () => DatabaseService;
}

/** What every engine behind `DatabaseService` has to do alike. A database that starts may take a minute. */
export function describeDatabaseContract(name: string, contract: DatabaseContract): void {
  describe(`database contract: ${name}`, () => {
    const opened: DatabaseService[] = [];
    const open: DatabaseContract["open"] = async (options, deps) => {
      const db = await contract.open(options, deps);
      opened.push(db);
      return db;
    };
    let shared: DatabaseService | undefined;
    beforeAll(async () => {
      shared = await open({ maxConnections: 4, acquireTimeout: "5s" });
      await shared.start();
    }, 60_000);
    afterAll(async () => {
      await Promise.all(opened.map((db) => db.stop()));
      await contract.close?.();
    }, 60_000);
    const suite: ContractSuite = { ...contract, open, db: () => shared! };
    describeDatabaseQueries(suite);
    describeDatabaseErrors(suite);
    describeDatabaseTransactions(suite);
    describeDatabasePropagation(suite);
    describeDatabaseWrites(suite);
    describeDatabaseRepository(suite);
    describeDatabaseMigrations(suite);
    describeDatabaseLife(suite);
  });
}
