import { AuthService } from "@infra/auth";
import { CacheSessionStore } from "@infra/auth/drivers/cache";
import { CacheService } from "@infra/cache";
import { DatabaseService } from "@infra/database";
import { createContainer } from "@infra/di";
import { tokens } from "@infra/interfaces";
import { PasswordService } from "@infra/security";
import { describeSessionStoreContract, testRedis } from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";

describe("AuthService in a container", () => {
  it("keeps sessions where tokens.sessionStore says, and the rest in the database", async () => {
    const container = createContainer();
    container.bind(CacheService).toSelf().withOptions({ url: "memory:", storeFailure: "throw" });
    container.bind(CacheSessionStore).toSelf();
    container.bind(DatabaseService).toSelf().withOptions({ url: "pglite:memory" });
    container.bind(PasswordService).toSelf();
    container.bind(AuthService).toSelf().withOptions({ emailVerification: "optional" });
    container.verify();
    const auth = container.get(AuthService);
    expect(container.get(tokens.authenticator)).toBe(auth);
    const account = await auth.accounts.create({ email: "ada@example.org" });
    const login = { account, methods: ["test"], authenticatedAt: Date.now() };
    const { token, session } = await auth.sessions.start(login);
    expect(await container.get(tokens.sessionStore).get(session.id)).toBeDefined();
    expect(await auth.authenticate({ scheme: "session", value: token })).toMatchObject({
      id: account.id,
    });
    const rows = (table: string) =>
      container.get(DatabaseService).query(`select id from auth_${table}`);
    expect(await rows("accounts")).toEqual([{ id: account.id }]);
    expect(await rows("sessions")).toEqual([]);
    await container.dispose();
  }, 60_000);
});

let last = 0;
const create =
  (url: string) =>
  async ({ clock }: { readonly clock: { now(): number } }) => {
    last += 1;
    const cache = new CacheService({
      url,
      prefix: `sessions-${process.pid}-${last}`,
      storeFailure: "throw",
    });
    await cache.start();
    return {
      store: new CacheSessionStore({ cache, clock: clock as never }),
      close: () => cache.stop(),
    };
  };

describeSessionStoreContract("CacheSessionStore in memory", create("memory:"));

const redis = testRedis(process.env);
const runs = redis.missing === undefined ? describe : describe.skip;
runs(`CacheSessionStore on ${redis.title}`, () => {
  afterAll(() => redis.close());
  describeSessionStoreContract(
    "CacheSessionStore on Redis",
    async (options) => await create(await redis.url())(options),
  );

  it("Trap: a session that one process ends is over for the others, at once", async () => {
    const url = await redis.url();
    const open = async () => {
      const options = { url, prefix: `two-${process.pid}`, storeFailure: "throw" } as const;
      const cache = new CacheService(options);
      await cache.start();
      return { cache, store: new CacheSessionStore({ cache }) };
    };
    const [a, b] = [await open(), await open()];
    const at = Date.now();
    const session = {
      userId: "ada",
      data: {},
      createdAt: at,
      lastSeenAt: at,
      expiresAt: at + 60_000,
    };
    await a.store.set({ id: "one", ...session });
    await a.store.set({ id: "two", ...session });
    expect(await b.store.get("one")).toBeDefined();
    await a.store.delete("one");
    expect(await b.store.get("one")).toBeUndefined();
    expect(await b.store.deleteByUser("ada")).toBe(1);
    expect(await a.store.get("two")).toBeUndefined();
    await a.cache.stop();
    await b.cache.stop();
  });
});
