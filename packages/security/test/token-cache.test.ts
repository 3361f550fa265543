import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { KeyRing, TokenService, type TokenOptions } from "../src/index.js";
import { reasonOf, secret } from "./tokens.js";

function counted(clock: ManualClock, options: Partial<TokenOptions> = {}) {
  const keys = new KeyRing({ id: "one", secret }, { clock });
  const tokens = new TokenService({ keys, cacheSize: 2, ...options }, { clock });
  return { keys, tokens };
}

describe("the cache of TokenService", () => {
  it("gives the same claims again, frozen through and through", async () => {
    const { tokens } = counted(new ManualClock());
    const token = await tokens.sign({ roles: [{ name: "admin" }] }, { expiresIn: "1m" });
    const first = await tokens.verify(token);
    expect(await tokens.verify(token)).toBe(first);
    expect(tokens.stats()).toEqual({ cached: 1 });
    const { roles } = first as { roles: { name: string }[] };
    expect(() => {
      roles[0]!.name = "user";
    }).toThrow(TypeError);
  });

  it("still checks expiry, not-before and audience", async () => {
    const clock = new ManualClock();
    const { tokens } = counted(clock);
    const token = await tokens.sign({ nbf: clock.now() / 1000 }, { expiresIn: "1m" });
    await tokens.verify(token);
    expect(await reasonOf(tokens.verify(token, { audience: "other" }))).toBe("audience");
    await tokens.verify(token);
    clock.set(clock.now() - 60_000);
    expect(await reasonOf(tokens.verify(token))).toBe("not-yet-valid");
    clock.set(clock.now() + 60_000);
    await tokens.verify(token);
    clock.set(clock.now() + 65_000);
    expect(await reasonOf(tokens.verify(token))).toBe("expired");
    expect(tokens.stats()).toEqual({ cached: 0 });
  });

  it("still asks for revocation, and whether the key is accepted", async () => {
    const clock = new ManualClock();
    let revoked = false;
    const { keys, tokens } = counted(clock, { isRevoked: () => revoked });
    const token = await tokens.sign({}, { expiresIn: "1m" });
    await tokens.verify(token);
    revoked = true;
    expect(await reasonOf(tokens.verify(token))).toBe("revoked");
    revoked = false;
    await tokens.verify(token);
    keys.remove("one");
    expect(await reasonOf(tokens.verify(token))).toBe("key");
    // another key of the same name does not take its place
    keys.add({ id: "one", secret: Buffer.alloc(32, 8) });
    expect(await reasonOf(tokens.verify(token))).toBe("signature");
  });

  it("remembers no more than it may, the latest used, and nothing that was refused", async () => {
    const { tokens } = counted(new ManualClock());
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map((sub) => tokens.sign({ sub }, { expiresIn: "1m" })),
    );
    const first = await tokens.verify(a!);
    await tokens.verify(b!);
    await tokens.verify(a!);
    await tokens.verify(c!);
    expect(tokens.stats()).toEqual({ cached: 2 });
    expect(await tokens.verify(a!)).toBe(first);
    await reasonOf(tokens.verify(`${a!.slice(0, -4)}AAAA`));
    await reasonOf(tokens.verify("a.b.c"));
    expect(tokens.stats()).toEqual({ cached: 2 });
  });
});
