import { describe, expect, it } from "@jest/globals";

import { until } from "../src/index.js";

function broken(): never {
  throw new Error("broken");
}

describe("until()", () => {
  it("resolves to what the check gives, once it gives something", async () => {
    let looks = 0;
    expect(await until(async () => (looks++ > 2 ? "seen" : undefined))).toBe("seen");
    expect(await until(() => looks > 3 && 0)).toBe(0);
  });

  it("rejects with the check when it takes too long, and with what the check throws", async () => {
    await expect(until(() => false, { timeoutMs: 1 })).rejects.toThrow(
      /^until: not so after 1 ms: .*false/,
    );
    await expect(until(broken)).rejects.toThrow("broken");
  });
});
