import { doesNotThrow, equal } from "node:assert/strict";

import type { ErrorReporter } from "@infra/interfaces";

import { describe, it } from "./runner.js";

/** What every `ErrorReporter` has to do. */
export function describeErrorReporterContract(name: string, create: () => ErrorReporter): void {
  describe(`ErrorReporter contract: ${name}`, () => {
    it("report() takes an error, and anything else that can be thrown, and waits for nothing", () => {
      const reporter = create();
      const circular: Record<string, unknown> = {};
      circular["self"] = circular;
      const thrown = [
        new Error("x"),
        "text",
        7,
        undefined,
        null,
        {},
        circular,
        Symbol("s"),
        () => {},
      ];
      for (const each of thrown) {
        equal(reporter.report(each), undefined);
      }
    });

    it("report() does not throw for an error or a context that can't be read", () => {
      const reporter = create();
      const trap = {
        get message(): string {
          throw new Error("no");
        },
      };
      doesNotThrow(() => reporter.report(trap));
      doesNotThrow(() => reporter.report(new Error("x"), { trap, big: 1n }));
      doesNotThrow(() => reporter.report(Object.freeze(new Error("frozen")), { user: 7 }));
    });
  });
}
