import { describe, expect, it, jest } from "@jest/globals";

import { onUncaughtError } from "../src/index.js";

describe("onUncaughtError()", () => {
  it("hears of exceptions and rejections, until it is taken off", () => {
    const before = ["uncaughtException", "unhandledRejection"].map((name) =>
      process.listenerCount(name),
    );
    const handler = jest.fn();
    const off = onUncaughtError(handler);
    const error = new Error("x");
    process.emit("uncaughtException", error);
    process.emit("unhandledRejection", "reason", Promise.resolve());
    expect(handler.mock.calls).toEqual([
      [error, "uncaughtException"],
      ["reason", "unhandledRejection"],
    ]);
    off();
    expect(
      ["uncaughtException", "unhandledRejection"].map((name) => process.listenerCount(name)),
    ).toEqual(before);
  });
});
