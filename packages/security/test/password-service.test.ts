import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import { describePasswordHasherContract, FakePasswordHasher } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { Argon2Algorithm } from "../src/drivers/argon2.js";
import { BcryptAlgorithm } from "../src/drivers/bcrypt.js";
import { ScryptAlgorithm } from "../src/drivers/scrypt.js";
import { passwordsConfig, PasswordService, type PasswordAlgorithm } from "../src/index.js";

// the cheapest that are allowed
const cheap = {
  argon2id: new Argon2Algorithm({ memory: 7168, passes: 1 }),
  bcrypt: new BcryptAlgorithm({ cost: 10 }),
  scrypt: new ScryptAlgorithm({ logN: 10, parallelization: 1 }),
};

for (const [name, algorithm] of Object.entries(cheap)) {
  describePasswordHasherContract(
    `PasswordService with ${name}`,
    () => new PasswordService({ algorithm }),
  );
}
describePasswordHasherContract("FakePasswordHasher", () => new FakePasswordHasher());

/** An algorithm whose hashes end when they are told to. */
function held() {
  const ends: (() => void)[] = [];
  const algorithm: PasswordAlgorithm = {
    name: "held",
    hash: () =>
      new Promise((resolve) => {
        ends.push(() => resolve("$held$"));
      }),
    verify: async () => true,
    reads: (hash) => hash === "$held$",
    needsRehash: () => false,
    decoy: () => "$held$",
  };
  return { algorithm, ends };
}

describe("PasswordService", () => {
  it("hashes with scrypt when nothing is said, with as much memory as OWASP asks for", async () => {
    const passwords = new PasswordService(passwordsConfig.defaults());
    expect(await passwords.hash("correct horse")).toMatch(
      /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/,
    );
  });

  it("moves from one algorithm to another at the next login", async () => {
    const before = new PasswordService({ algorithm: cheap.bcrypt });
    const after = new PasswordService({ algorithm: cheap.argon2id });
    const stored = await before.hash("correct horse");
    expect(await after.verify("correct horse", stored)).toBe(true);
    expect(after.needsRehash(stored)).toBe(true);
    const moved = await after.hash("correct horse");
    expect(moved).toMatch(/^\$argon2id\$v=19\$m=7168,t=1,p=1\$/);
    expect(after.needsRehash(moved)).toBe(false);
    expect(await before.verify("correct horse", moved)).toBe(true);
  });

  it("reads hashes of an algorithm of one's own, to leave it behind", async () => {
    const legacy: PasswordAlgorithm = {
      ...held().algorithm,
      name: "plain",
      reads: (hash) => hash.startsWith("plain:"),
      verify: async (password, hash) => hash === `plain:${password}`,
    };
    const passwords = new PasswordService({ algorithm: cheap.scrypt, legacy: [legacy] });
    expect(await passwords.verify("secret", "plain:secret")).toBe(true);
    expect(await passwords.verify("other", "plain:secret")).toBe(false);
    expect(passwords.needsRehash("plain:secret")).toBe(true);
  });

  it("works as hard for an unknown user, an empty and a far too long password as for any other", async () => {
    const hashes: string[] = [];
    const algorithm: PasswordAlgorithm = {
      ...held().algorithm,
      async verify(_password, hash) {
        hashes.push(hash);
        return true;
      },
    };
    const passwords = new PasswordService({ algorithm });
    expect(await passwords.verify("a", undefined)).toBe(false);
    expect(await passwords.verify("", "$held$")).toBe(false);
    expect(await passwords.verify("x".repeat(1025), "$held$")).toBe(false);
    expect(await passwords.verify("x".repeat(10_000_000), "$held$")).toBe(false);
    expect(await passwords.verify("x".repeat(1024), "$held$")).toBe(true);
    expect(hashes).toEqual(Array.from({ length: 5 }, () => "$held$"));
  });

  it.each(Object.entries(cheap))(
    "the decoy of %s is a hash of its own strength that no password has",
    async (_name, algorithm) => {
      const decoy = algorithm.decoy();
      const real = await algorithm.hash("x");
      expect(algorithm.reads(decoy)).toBe(true);
      expect(decoy.replace(/[^$]*\$[^$]*$/, "")).toBe(real.replace(/[^$]*\$[^$]*$/, ""));
      expect(decoy).toHaveLength(real.length);
      expect(algorithm.needsRehash(decoy)).toBe(false);
      expect(await algorithm.verify("x", decoy)).toBe(false);
    },
  );

  it("hashes so many at once and no more, and refuses when the line is full", async () => {
    const { algorithm, ends } = held();
    const passwords = new PasswordService({ algorithm, concurrency: 2, maxWaiting: 3 });
    const work = Array.from({ length: 5 }, () => passwords.hash("x"));
    expect(passwords.stats()).toEqual({ hashing: 2, waiting: 3 });
    expect(ends).toHaveLength(2);
    await expect(passwords.hash("x")).rejects.toMatchObject({
      code: "ERR_SECURITY_PASSWORD_QUEUE_FULL",
      status: 503,
      retryable: true,
      details: { concurrency: 2, maxWaiting: 3 },
    });
    for (let at = 0; at < 5; at += 1) {
      ends[at]!();
      await work[at];
    }
    expect(passwords.stats()).toEqual({ hashing: 0, waiting: 0 });
  });

  it("leaves the line when the signal is aborted, and lets the next one on", async () => {
    const { algorithm, ends } = held();
    const passwords = new PasswordService({ algorithm, concurrency: 1 });
    const first = passwords.hash("x");
    const gone = new AbortController();
    const second = passwords.hash("x", { signal: gone.signal });
    const third = passwords.hash("x");
    gone.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    ends[0]!();
    await first;
    ends[1]!();
    expect(await third).toBe("$held$");
  });

  it.each<[string, PasswordAlgorithm]>([
    ["bcrypt", new BcryptAlgorithm({ cost: 12 })],
    ["scrypt", new ScryptAlgorithm({ logN: 15 })],
    ["argon2id", new Argon2Algorithm({ memory: 65_536, passes: 4 })],
  ])(
    "Trap: a burst of hashes with %s does not hold up the reading of a file",
    async (_name, algorithm) => {
      await algorithm.load?.();
      const passwords = new PasswordService({ algorithm });
      const order: string[] = [];
      // without a limit, all four threads of the pool are taken until the first hash is done
      const burst = Array.from({ length: 6 }, async (_hash, at) => {
        await passwords.hash("correct horse");
        order.push(`hash ${at}`);
      });
      await readFile(new URL(import.meta.url));
      order.push("file");
      await Promise.all(burst);
      expect(order[0]).toBe("file");
    },
    60_000,
  );

  it("says what is wrong with its options and calls", async () => {
    expect(() => new PasswordService({ algorithm: "md5" as "scrypt" })).toThrow('got "md5"');
    expect(() => new PasswordService({ concurrency: 0 })).toThrow(RangeError);
    const passwords = new PasswordService({ algorithm: cheap.scrypt });
    await expect(passwords.hash(5 as unknown as string)).rejects.toThrow(
      "password must be a string, got number",
    );
    const secret = randomUUID().repeat(40);
    await expect(passwords.hash(secret)).rejects.toMatchObject({
      code: "ERR_SECURITY_PASSWORD_REFUSED",
      message: "the password must have 1 to 1024 characters",
      details: { issues: [{ path: ["password"], code: "length" }] },
    });
    await expect(passwords.verify("x", "md5:abc")).rejects.toMatchObject({
      code: "ERR_SECURITY_UNKNOWN_HASH",
    });
  });

  it(".start() loads what hashing needs, and says what is missing", async () => {
    await new PasswordService({ algorithm: "bcrypt" }).start();
    await new PasswordService().start();
    const broken: PasswordAlgorithm = {
      ...held().algorithm,
      load: () => Promise.reject(new Error("npm i it")),
    };
    await expect(new PasswordService({ algorithm: broken }).start()).rejects.toThrow("npm i it");
  });
});
