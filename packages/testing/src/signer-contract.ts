import { equal, match } from "node:assert/strict";

import type { Clock, Signer } from "@infra/interfaces";

import { ManualClock } from "./manual-clock.js";
import { beforeEach, describe, it } from "./runner.js";

/**
 * What every `Signer` has to do.
 *
 * @param create a new one, by this clock; all that it signs is told apart from that of another.
 */
export function describeSignerContract(
  name: string,
  create: (options: { readonly clock: Clock }) => Signer,
): void {
  describe(`Signer contract: ${name}`, () => {
    let clock: ManualClock;
    beforeEach(() => {
      clock = new ManualClock();
    });
    const open = (): Signer => create({ clock });
    const purpose = "test";

    it("gives back what it signed, whatever is in it", () => {
      const signer = open();
      for (const value of ["user:1", "", "größe 🙂", "a.b.c", "a\nb"]) {
        equal(signer.verify(signer.sign(value, { purpose }), { purpose }), value);
      }
    });

    it("leaves the value readable, and URL-safe", () => {
      const signed = open().sign("user-1", { purpose });
      match(signed, /user-1/);
      match(signed, /^[\w.~-]+$/);
    });

    it("refuses another purpose, another context, none at all, and what another one signed", () => {
      const signer = open();
      const signed = signer.sign("x", { purpose, context: "user:1" });
      equal(signer.verify(signed, { purpose, context: "user:1" }), "x");
      equal(signer.verify(signed, { purpose: "other", context: "user:1" }), undefined);
      equal(signer.verify(signed, { purpose, context: "user:2" }), undefined);
      equal(signer.verify(signed, { purpose }), undefined);
      equal(open().verify(signed, { purpose, context: "user:1" }), undefined);
    });

    it("refuses what was changed in any place, cut off, or never signed, and throws for none", () => {
      const signer = open();
      const signed = signer.sign("hello", { purpose });
      // the last character may hold bits that mean nothing
      for (let at = 0; at < signed.length - 1; at += 1) {
        const other = signed[at] === "A" ? "B" : "A";
        const changed = signed.slice(0, at) + other + signed.slice(at + 1);
        equal(signer.verify(changed, { purpose }), undefined, `changed at ${at}`);
      }
      for (const forged of ["", ".", "..", signed.slice(0, -4), "hello", "é☃"]) {
        equal(signer.verify(forged, { purpose }), undefined, JSON.stringify(forged));
      }
    });

    it("verifies until it expires, and not from then on", async () => {
      const signer = open();
      const signed = signer.sign("x", { purpose, expiresIn: "1m" });
      await clock.advance(58_000);
      equal(signer.verify(signed, { purpose }), "x");
      await clock.advance(3_000);
      equal(signer.verify(signed, { purpose }), undefined);
    });
  });
}
