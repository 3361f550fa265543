import { UnavailableError } from "@infra/errors";
import type { RateLimitStore } from "@infra/interfaces";
import { errorHandler } from "@infra/middleware/error-handler";
import { addressKey, rateLimit, type RateLimitOptions } from "@infra/middleware/rate-limit";
import { ManualClock, MemoryLogger } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";

const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function createApp(options: RateLimitOptions) {
  const app = fastify();
  apps.push(app);
  app.register(errorHandler);
  app.register(rateLimit, options);
  app.after(() => {
    app.get("/", () => "ok");
    app.get("/free", { config: { rateLimit: false } }, () => "ok");
    app.get("/own", { config: { rateLimit: { limit: 1 } } }, () => "ok");
    app.get("/dear", { config: { rateLimit: { cost: 2, name: "default" } } }, () => "ok");
  });
  return app;
}

async function statuses(app: FastifyInstance, urls: readonly string[], remoteAddress = "10.0.0.1") {
  const answers = [];
  for (const url of urls) answers.push((await app.inject({ url, remoteAddress })).statusCode);
  return answers;
}

const failing = (): Promise<never> => Promise.reject(new UnavailableError("gone"));
const hanging = (): Promise<never> => new Promise(() => undefined);

const boot = (options: Partial<RateLimitOptions>) => createApp({ limit: 1, ...options }).ready();

describe("rateLimit", () => {
  it("answers what is over the limit with 429, and says how things stand", async () => {
    const clock = new ManualClock();
    const app = createApp({ limit: 2, window: "10s", clock });
    const first = await app.inject("/");
    expect(first.headers).toMatchObject({
      "ratelimit-policy": '"default";q=2;w=10',
      ratelimit: expect.stringMatching(/^"default";r=1;t=1[01]$/),
    });
    await app.inject("/");
    const refused = await app.inject("/");

    expect(refused.statusCode).toBe(429);
    expect(refused.headers["retry-after"]).toMatch(/^1[01]$/);
    expect(refused.headers["ratelimit"]).toMatch(/^"default";r=0;t=1[01]$/);
    expect(refused.json()).toMatchObject({ code: "ERR_RATE_LIMITED" });
    await clock.advance(11_000);
    expect((await app.inject("/")).statusCode).toBe(200);
  });

  it("Trap: is exact when a thousand come at once", async () => {
    const app = createApp({ limit: 100 });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => app.inject("/")));

    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(100);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(900);
  }, 30_000);

  it("counts each client by itself, a network of IPv6 as one, and whom the key says", async () => {
    const app = createApp({ limit: 1 });
    expect(await statuses(app, ["/", "/"], "10.0.0.1")).toEqual([200, 429]);
    expect(await statuses(app, ["/"], "10.0.0.2")).toEqual([200]);
    expect(await statuses(app, ["/"], "2001:db8::1")).toEqual([200]);
    expect(await statuses(app, ["/"], "2001:db8::ffff:1")).toEqual([429]);

    const keyed = createApp({ limit: 1, key: ({ headers }) => headers["x-key"] as string });
    const get = async (key?: string) =>
      (await keyed.inject({ url: "/", headers: key ? { "x-key": key } : {} })).statusCode;
    expect([await get("a"), await get("a"), await get("b"), await get(), await get()]).toEqual([
      200, 429, 200, 200, 200,
    ]);
  });

  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::1", "0:0:0:0::/64"],
    ["2001:0DB8:0:1:2::3", "2001:db8:0:1::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    [undefined, "unknown"],
  ])("addressKey(%s) is %s", (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });

  it("goes by the route: a limit of its own, another weight, none", async () => {
    const app = createApp({ limit: 3 });

    expect(await statuses(app, ["/own", "/own", "/dear", "/", "/", "/free"])).toEqual([
      200, 429, 200, 200, 429, 200,
    ]);
  });

  it("asks for the limit of a request where it is a function", async () => {
    const app = createApp({ limit: async ({ headers }) => (headers["x-plan"] ? 2 : 0) });
    const get = async (headers: Record<string, string>) =>
      (await app.inject({ url: "/", headers })).statusCode;

    expect(await get({ "x-plan": "paid" })).toBe(200);
    expect(await get({})).toBe(429);
  });

  it("allows a burst, and tells of it", async () => {
    const app = createApp({ limit: 1, burst: 2 });

    expect((await app.inject("/")).headers["ratelimit-policy"]).toBe('"default";q=3;w=60');
    expect(await statuses(app, ["/", "/", "/"], "127.0.0.1")).toEqual([200, 200, 429]);
  });

  it.each([
    ["allow", failing, [200, 200]],
    ["refuse", failing, [503, 503]],
    ["local", failing, [200, 429]],
    ["allow", hanging, [200, 200]],
    ["refuse", hanging, [503, 503]],
    ["local", hanging, [200, 429]],
  ] as const)(
    "Trap: follows the policy %s when the store fails or hangs, within 250 ms (%p)",
    async (onStoreFailure, consume, expected) => {
      const store: RateLimitStore = { consume, reset: async () => undefined };
      const logger = new MemoryLogger();
      const clock = new ManualClock();
      const app = createApp({ limit: 1, store, onStoreFailure, logger, clock });
      await app.ready();

      const first = app.inject("/");
      // the time-out of the store is the only thing that is waited for
      while (clock.pending === 0 && logger.lines.length === 0) await new Promise(setImmediate);
      await clock.advance(250);
      const answers = [(await first).statusCode, (await app.inject("/")).statusCode];

      expect(answers).toEqual(expected);
      expect(logger.lines.map(({ message }) => message)).toEqual([
        "rate limit: the store does not answer",
      ]);
      expect(clock.pending).toBe(0);
    },
  );

  it("asks a store that failed again after a while, and tells when it is back", async () => {
    let answers = false;
    let asked = 0;
    const store: RateLimitStore = {
      async consume() {
        asked += 1;
        if (!answers) throw new UnavailableError("gone");
        return { allowed: true, remaining: 1, resetMs: 0, retryAfterMs: 0 };
      },
      reset: async () => undefined,
    };
    const logger = new MemoryLogger();
    const clock = new ManualClock();
    const app = createApp({ limit: 5, store, logger, clock, storeRetry: "2s" });
    await statuses(app, ["/", "/", "/"]);
    expect(asked).toBe(1);
    answers = true;
    await clock.advance(2000);
    await statuses(app, ["/", "/"]);

    expect(asked).toBe(3);
    expect(logger.lines.at(-1)!.message).toBe("rate limit: the store answers again");
  });

  it("Trap: has no timer for a hit, which would keep what belongs to its request", async () => {
    const clock = new ManualClock();
    const app = createApp({ limit: 1000, clock });
    await Promise.all(Array.from({ length: 50 }, () => app.inject("/")));

    expect(clock.pending).toBe(0);
  });

  it("refuses options that are none, naming them", async () => {
    await expect(boot({ limit: 1.5 })).rejects.toThrow(
      "rate limit: limit must be a whole number from 0, got 1.5",
    );
    await expect(boot({ window: 0 })).rejects.toThrow(
      "rate limit: window must be at least 1 ms, got 0",
    );
    await expect(boot({ onStoreFailure: "hope" as never })).rejects.toThrow(
      'rate limit: onStoreFailure must be "allow", "refuse" or "local", got hope',
    );
  });
});
