import { randomBytes } from "node:crypto";

import type { JobEngine } from "@infra/interfaces";
import { describeJobEngineContract, testDatabases } from "@infra/testing";
import { openTestDatabase } from "@infra/testing/database";
import { afterAll, beforeAll, describe } from "@jest/globals";

import { PostgresJobEngine } from "../../src/drivers/postgres.js";

const databases = await testDatabases(process.env);

for (const database of databases) {
  const present = database.missing === undefined ? describe : describe.skip;
  present(`PostgresJobEngine on ${database.title}`, () => {
    let db: ReturnType<typeof openTestDatabase>;
    beforeAll(async () => {
      db = openTestDatabase(await database.url());
      await db.start();
    });
    afterAll(async () => {
      await db?.stop();
      await database.close();
    });

    describeJobEngineContract(database.name, async () => {
      const queue = `test-${randomBytes(6).toString("hex")}`;
      const opened: JobEngine[] = [];
      const again = async (): Promise<JobEngine> => {
        const engine = new PostgresJobEngine({ database: db, queue, maxConnections: 6 });
        opened.push(engine);
        await engine.open();
        return engine;
      };
      return {
        engine: await again(),
        again,
        close: async () => {
          await Promise.all(opened.map((engine) => engine.close()));
        },
      };
    });
  });
}
