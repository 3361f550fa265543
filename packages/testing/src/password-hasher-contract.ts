import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";

import type { PasswordHasher } from "@infra/interfaces";

import { describe, it } from "./runner.js";

/** Differ as bytes, and are the same text: é composed and decomposed. */
const composed = "caf\u00E9 au lait";
const decomposed = "cafe\u0301 au lait";

/**
 * What every {@link PasswordHasher} has to do. Call it in a test file, with something that makes a new one.
 *
 * @param timeoutMs how long one test may take; good hashes are slow. Default: 60,000.
 */
export function describePasswordHasherContract(
  name: string,
  create: () => PasswordHasher | Promise<PasswordHasher>,
  { timeoutMs = 60_000 }: { readonly timeoutMs?: number } = {},
): void {
  const test = (title: string, body: (hasher: PasswordHasher) => Promise<void>): void =>
    it(title, async () => body(await create()), timeoutMs);

  describe(`PasswordHasher contract: ${name}`, () => {
    test("verifies the password that was hashed, and no other", async (hasher) => {
      const hash = await hasher.hash("correct horse");
      equal(await hasher.verify("correct horse", hash), true);
      for (const other of ["correct hors", "correct horse ", "Correct horse", ""]) {
        equal(await hasher.verify(other, hash), false, JSON.stringify(other));
      }
    });

    test("salts: two hashes of one password differ, and say nothing of it", async (hasher) => {
      const [a, b] = [await hasher.hash("correct horse"), await hasher.hash("correct horse")];
      notEqual(a, b);
      ok(!a.includes("correct"));
      ok(/^\$[\w-]+\$/.test(a), "a hash names its algorithm");
    });

    test("minds every character: beyond 72 bytes, and behind NUL", async (hasher) => {
      const long = "a".repeat(72);
      const hash = await hasher.hash(`${long}b`);
      equal(await hasher.verify(`${long}b`, hash), true);
      equal(await hasher.verify(`${long}c`, hash), false);
      equal(await hasher.verify(long, hash), false);
      const withNul = await hasher.hash("a\0b");
      equal(await hasher.verify("a\0b", withNul), true);
      equal(await hasher.verify("a\0c", withNul), false);
      equal(await hasher.verify("a", withNul), false);
    });

    test("normalises to NFC, and no further", async (hasher) => {
      equal(await hasher.verify(decomposed, await hasher.hash(composed)), true);
      equal(await hasher.verify(composed, await hasher.hash(decomposed)), true);
      equal(await hasher.verify("x2", await hasher.hash("x²")), false);
    });

    test("takes 256 characters, none of them in vain", async (hasher) => {
      const long = "🔑".repeat(256);
      const hash = await hasher.hash(long);
      equal(await hasher.verify(long, hash), true);
      equal(await hasher.verify("🔑".repeat(255), hash), false);
    });

    test("answers false for an unknown user, whatever the password", async (hasher) => {
      equal(await hasher.verify("correct horse", undefined), false);
      equal(await hasher.verify("", undefined), false);
    });

    test("refuses an empty password, and a hash of an unknown kind", async (hasher) => {
      await rejects(hasher.hash(""), { status: 400 });
      await rejects(hasher.verify("correct horse", "$unknown$hash"));
      await rejects(hasher.verify("correct horse", ""));
    });

    test("needs no rehash of its own hashes, but of others", async (hasher) => {
      equal(hasher.needsRehash(await hasher.hash("correct horse")), false);
      deepEqual(
        ["$unknown$hash", ""].map((each) => hasher.needsRehash(each)),
        [true, true],
      );
    });

    test("gives up before its turn when the signal is aborted", async (hasher) => {
      const signal = AbortSignal.abort(new Error("gave up"));
      await rejects(hasher.hash("correct horse", { signal }), { message: "gave up" });
      await rejects(hasher.verify("correct horse", undefined, { signal }), { message: "gave up" });
    });
  });
}
