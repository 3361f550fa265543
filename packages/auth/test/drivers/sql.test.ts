import { describeSessionStoreContract, testDatabases } from "@infra/testing";
import {
  describeAccountStoreContract,
  describeApiKeyStoreContract,
  describeRefreshTokenStoreContract,
} from "@infra/testing/auth";
import { openTestDatabase } from "@infra/testing/database";
import { afterAll, describe, expect, it } from "@jest/globals";

import { authMigrations, SqlAuthStores } from "../../src/drivers/sql.js";

let last = 0;
for (const engine of await testDatabases(process.env, [
  "embedded",
  "postgres",
  "mysql",
  "sqlite",
])) {
  const runs = engine.missing === undefined ? describe : describe.skip;
  runs(`SqlAuthStores on ${engine.title}`, () => {
    type Db = ReturnType<typeof openTestDatabase>;
    let shared: Promise<{ db: Db; url: string }> | undefined;
    // one database for all of them: tables of its own for each test
    const database = async (): Promise<{ db: Db; url: string }> =>
      await (shared ??= (async () => {
        const url = await engine.url();
        const db = openTestDatabase(url);
        await db.start();
        return { db, url };
      })());
    afterAll(async () => {
      await (await shared)?.db.stop();
      await engine.close();
    }, 60_000);

    const create = async () => {
      const { db, url } = await database();
      last += 1;
      const prefix = `t${last}_`;
      const others: Db[] = [];
      // another process, where the engine has such
      const again = async () => {
        const other = openTestDatabase(url);
        others.push(other);
        return new SqlAuthStores({ database: other, prefix });
      };
      return {
        stores: new SqlAuthStores({ database: db, prefix }),
        ...(["postgres", "mysql"].includes(engine.name) && { again }),
        close: async () => {
          for (const other of others) await other.stop();
        },
      };
    };
    describeAccountStoreContract(engine.name, create);
    describeRefreshTokenStoreContract(engine.name, create);
    describeApiKeyStoreContract(engine.name, create);
    describeSessionStoreContract(engine.name, async ({ clock }) => {
      const { db } = await database();
      last += 1;
      const stores = new SqlAuthStores({ database: db, prefix: `t${last}_` }, { clock });
      return { store: stores.sessions, close: async () => undefined };
    });

    it("makes its tables once, also when many open them at once", async () => {
      const { db } = await database();
      last += 1;
      const all = Array.from(
        { length: 5 },
        () => new SqlAuthStores({ database: db, prefix: `t${last}_` }),
      );
      await Promise.all(all.map((each) => each.open()));
      expect(await all[4]!.accounts.get("nobody")).toBeUndefined();
    });

    it("joins the transaction that is open", async () => {
      const { db } = await database();
      last += 1;
      const stores = new SqlAuthStores({ database: db, prefix: `t${last}_` });
      await stores.open();
      const at = Date.now();
      const session = { id: "s", data: {}, createdAt: at, lastSeenAt: at, expiresAt: at + 60_000 };
      let within: unknown;
      const work = db.transaction(async () => {
        await stores.sessions.set(session);
        within = await stores.sessions.get("s");
        throw new Error("back");
      });
      await expect(work).rejects.toThrow("back");
      expect(within).toEqual(session);
      expect(await stores.sessions.get("s")).toBeUndefined();
    });

    it("prunes all sessions that expired before, however many, and no row of another", async () => {
      const { db } = await database();
      last += 1;
      const { sessions } = new SqlAuthStores({ database: db, prefix: `t${last}_` });
      const at = Date.now();
      const times = { createdAt: at, lastSeenAt: at };
      // more than are deleted at once
      await sessions.set({ id: "new", data: {}, ...times, expiresAt: at + 60_000 });
      const old = Array.from(
        { length: 501 },
        (_, id) => `('${id}', ${at}, ${at}, ${at - 2}, '{}')`,
      );
      await db.query(
        `insert into t${last}_sessions (id, created_at, last_seen_at, expires_at, data) values ${old.join(", ")}`,
      );
      expect(await sessions.prune(at - 1)).toBe(501);
      const [row] = await db.query<{ n: unknown }>(`select count(*) as n from t${last}_sessions`);
      expect(Number(row!.n)).toBe(1);
    });

    it("authMigrations() makes and drops the same tables", async () => {
      const { db } = await database();
      last += 1;
      const prefix = `t${last}_`;
      const [migration] = authMigrations(prefix);
      await migration!.up(db.knex);
      const stores = new SqlAuthStores({ database: db, prefix, createTables: false });
      expect(await stores.apiKeys.listByAccount("ada")).toEqual([]);
      await migration!.down(db.knex);
      await expect(stores.apiKeys.listByAccount("ada")).rejects.toThrow("api_keys");
    });
  });
}

describe("SqlAuthStores", () => {
  it("refuses a prefix that is none", () => {
    expect(() => new SqlAuthStores({ database: {} as never, prefix: "a; drop" })).toThrow("prefix");
  });
});
