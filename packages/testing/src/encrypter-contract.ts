import { deepEqual, doesNotMatch, equal, match, notEqual, throws } from "node:assert/strict";

import type { Clock, Encrypter } from "@infra/interfaces";

import { ManualClock } from "./manual-clock.js";
import { beforeEach, describe, it } from "./runner.js";

/**
 * What every `Encrypter` has to do.
 *
 * @param create a new one, by this clock; all that it makes are told apart from those of another.
 */
export function describeEncrypterContract(
  name: string,
  create: (options: { readonly clock: Clock }) => Encrypter,
): void {
  describe(`Encrypter contract: ${name}`, () => {
    let clock: ManualClock;
    beforeEach(() => {
      clock = new ManualClock();
    });
    const open = (): Encrypter => create({ clock });
    const purpose = "test";

    it("decrypts what it encrypted: text, bytes, and nothing at all", () => {
      const encrypter = open();
      for (const value of ["größe 🙂", "", "a".repeat(10_000)]) {
        equal(textOf(encrypter.decrypt(encrypter.encrypt(value, { purpose }), { purpose })), value);
      }
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
      const back = encrypter.decrypt(encrypter.encrypt(bytes, { purpose }), { purpose });
      deepEqual([...back], [...bytes]);
    });

    it("makes URL-safe text that is another each time, and does not show the value", () => {
      const encrypter = open();
      const [one, other] = [1, 2].map(() => encrypter.encrypt("4111 1111", { purpose }));
      notEqual(one, other);
      match(one!, /^[\w.~-]+$/);
      doesNotMatch(one!, /4111/);
    });

    it("refuses another purpose, another context, none at all, and what another one made", () => {
      const encrypter = open();
      const made = encrypter.encrypt("x", { purpose, context: "user:1" });
      equal(textOf(encrypter.decrypt(made, { purpose, context: "user:1" })), "x");
      for (const options of [
        { purpose: "other", context: "user:1" },
        { purpose, context: "user:2" },
        { purpose },
      ]) {
        throws(() => encrypter.decrypt(made, options), JSON.stringify(options));
      }
      throws(() => open().decrypt(made, { purpose, context: "user:1" }));
    });

    it("refuses what was changed in any place, cut off, or never encrypted", () => {
      const encrypter = open();
      const made = encrypter.encrypt("hello", { purpose });
      for (let at = 0; at < made.length; at += 1) {
        // the last character may hold bits that mean nothing
        if (at === made.length - 1) continue;
        const other = made[at] === "A" ? "B" : "A";
        const changed = made.slice(0, at) + other + made.slice(at + 1);
        throws(() => encrypter.decrypt(changed, { purpose }), `changed at ${at}`);
      }
      for (const forged of ["", ".", made.slice(0, -4), "hello", "é☃"]) {
        throws(() => encrypter.decrypt(forged, { purpose }), JSON.stringify(forged));
      }
    });

    it("decrypts until it expires, and not from then on", async () => {
      const encrypter = open();
      const made = encrypter.encrypt("x", { purpose, expiresIn: "1m" });
      await clock.advance(58_000);
      equal(textOf(encrypter.decrypt(made, { purpose })), "x");
      await clock.advance(3_000);
      throws(() => encrypter.decrypt(made, { purpose }));
    });
  });
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
