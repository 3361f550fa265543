import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { BruteForceGuard, PasswordService, type PasswordAlgorithm } from "../src/index.js";
import { LocalRateLimitStore } from "../src/local-rate-limit-store.js";
import { networkOf } from "../src/network-of.js";

const tooMany = (by: string) =>
  expect.objectContaining({
    code: "ERR_SECURITY_TOO_MANY_ATTEMPTS",
    status: 429,
    details: { by, retryAfterMs: expect.any(Number) },
  });

async function passes(guard: BruteForceGuard, times: number, attempt: object): Promise<number> {
  const results = await Promise.allSettled(
    Array.from({ length: times }, () => guard.attempt(attempt)),
  );
  return results.filter(({ status }) => status === "fulfilled").length;
}

describe("BruteForceGuard", () => {
  it("bounds the attempts of an account, from wherever they come", async () => {
    const clock = new ManualClock();
    const guard = new BruteForceGuard(
      { accountLimit: 3 },
      { store: new LocalRateLimitStore(clock) },
    );
    for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) {
      await guard.attempt({ account: "ada@example.com", address });
    }
    const refused = guard.attempt({ account: "ADA@example.com", address: "192.0.2.4" });
    await expect(refused).rejects.toEqual(tooMany("account"));
    await expect(refused).rejects.toMatchObject({ retryAfterMs: 900_000 });
    await guard.attempt({ account: "eve@example.com", address: "192.0.2.4" });
    clock.set(clock.now() + 900_000);
    await guard.attempt({ account: "ada@example.com" });
  });

  it("bounds the attempts of an address, for whatever accounts, and one that is refused uses up none of theirs", async () => {
    const guard = new BruteForceGuard({ accountLimit: 1, addressLimit: 2 });
    await guard.attempt({ account: "a", address: "2001:db8::1" });
    await guard.attempt({ account: "b", address: "2001:db8::2" });
    await expect(guard.attempt({ account: "c", address: "2001:db8:0:0:9::1" })).rejects.toEqual(
      tooMany("address"),
    );
    await guard.attempt({ account: "c", address: "2001:db8:0:1::1" });
  });

  it("gives an account its attempts back after a success, an address not", async () => {
    const guard = new BruteForceGuard({ accountLimit: 2, addressLimit: 3 });
    const attempt = { account: "a", address: "192.0.2.1" };
    expect(await passes(guard, 2, attempt)).toBe(2);
    await guard.succeeded(attempt);
    expect(await passes(guard, 2, attempt)).toBe(1);
    await expect(guard.attempt(attempt)).rejects.toEqual(tooMany("address"));
  });

  it("lets no more than the limit of a hundred parallel attempts reach the hash", async () => {
    let hashed = 0;
    const algorithm: PasswordAlgorithm = {
      name: "counted",
      hash: async () => "$counted$",
      reads: (hash) => hash === "$counted$",
      needsRehash: () => false,
      decoy: () => "$counted$",
      async verify() {
        hashed += 1;
        return false;
      },
    };
    const passwords = new PasswordService({ algorithm });
    const guard = new BruteForceGuard({ accountLimit: 10 });
    await Promise.allSettled(
      Array.from({ length: 100 }, async () => {
        await guard.attempt({ account: "ada" });
        await passwords.verify("guess", "$counted$");
      }),
    );
    expect(hashed).toBe(10);
  });

  it("refuses everything while the store is down, and passes the signal on", async () => {
    const store = {
      consume: (_key: string, _rule: unknown, { signal }: { signal?: AbortSignal } = {}) =>
        Promise.reject(signal?.aborted ? signal.reason : new Error("down")),
      reset: () => Promise.resolve(),
    };
    const guard = new BruteForceGuard({}, { store });
    await expect(guard.attempt({ account: "a" })).rejects.toThrow("down");
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(guard.attempt({ account: "a" }, { signal })).rejects.toThrow("gone");
  });

  it("tells the store no names, and the client no more than that it has to wait", async () => {
    const keys: string[] = [];
    const local = new LocalRateLimitStore();
    const guard = new BruteForceGuard(
      { accountLimit: 1 },
      {
        store: {
          consume: (key, rule) => {
            keys.push(key);
            return local.consume(key, rule);
          },
          reset: (key) => local.reset(key),
        },
      },
    );
    await guard.attempt({ account: "ada", address: "192.0.2.1" });
    expect(keys.join(" ")).not.toMatch(/ada|192/);
    await expect(guard.attempt({ account: "ada" })).rejects.toMatchObject({
      publicMessage: "Too many attempts, try again later.",
    });
  });

  it("says what is wrong with a call", async () => {
    await expect(new BruteForceGuard().attempt({})).rejects.toThrow("needs an account, an address");
    expect(() => new BruteForceGuard({ accountLimit: 0 })).toThrow("accountLimit must be");
  });
});

describe("networkOf()", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8:0000:0000:ffff::1", "2001:db8:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["1:2:3:4::", "1:2:3:4::/64"],
    ["not an address", "not an address"],
  ])("%s belongs to %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
