import { equal, match } from "node:assert/strict";

import type { IdGenerator } from "@infra/interfaces";

import { describe, it } from "./runner.js";

/** What every `IdGenerator` has to do. */
export function describeIdGeneratorContract(name: string, create: () => IdGenerator): void {
  describe(`IdGenerator contract: ${name}`, () => {
    it("next() gives another id each time, URL-safe and of 1 to 64 characters", () => {
      const generator = create();
      const ids = Array.from({ length: 10_000 }, () => generator.next());
      equal(new Set(ids).size, ids.length);
      for (const id of ids) match(id, /^[\w.~-]{1,64}$/);
    });
  });
}
