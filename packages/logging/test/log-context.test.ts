import { setImmediate as turn } from "node:timers/promises";

import { describe, expect, it } from "@jest/globals";

import { currentContext, LoggerService, LogRecorder, withContext } from "../src/index.js";

describe("withContext()", () => {
  it("follows asynchronous work, and keeps work side by side apart", async () => {
    const recorder = new LogRecorder();
    const logger = new LoggerService({ console: false, transports: [recorder] });
    const child = logger.child({ service: "api", tenant: "none" });
    const request = async (requestId: string): Promise<void> =>
      withContext({ requestId }, async () => {
        await turn();
        await withContext({ tenant: requestId }, async () => {
          await turn();
          child.info("in");
        });
        logger.info("out", { requestId: `own ${requestId}` });
      });
    await Promise.all([request("1"), request("2")]);
    logger.info("outside of it");
    const of = (message: string): unknown[] =>
      recorder.find("info", message).map(({ meta }) => meta);
    expect(of("in")).toEqual([
      { service: "api", requestId: "1", tenant: "1" },
      { service: "api", requestId: "2", tenant: "2" },
    ]);
    expect(of("out")).toEqual([{ requestId: "own 1" }, { requestId: "own 2" }, {}]);
  });

  it("returns what the work returns", () => {
    expect(withContext({ a: 1 }, () => currentContext())).toEqual({ a: 1 });
    expect(currentContext()).toEqual({});
  });

  it("has a level of its own, for all loggers and however deep, and gives it back", async () => {
    const recorder = new LogRecorder();
    const logger = new LoggerService({
      console: false,
      transports: [recorder],
      levels: ["quiet=silent"],
    });
    const quiet = logger.child({ category: "quiet" });
    await withContext(
      { tenant: "acme" },
      async () => {
        await turn();
        logger.debug("1");
        quiet.debug("2");
        withContext({ inner: true }, () => logger.debug("3"));
        withContext({}, () => logger.info("no"), { level: "error" });
        expect(logger.isEnabled("debug")).toBe(true);
      },
      { level: "debug" },
    );
    logger.debug("no");
    quiet.error("no");
    expect(recorder.messages).toEqual(["1", "2", "3"]);
    expect(recorder.entries.map(({ meta }) => meta["tenant"])).toEqual(["acme", "acme", "acme"]);
    expect(() => withContext({}, () => {}, { level: "loud" as never })).toThrow(
      'withContext: level must be one of fatal, error, warn, info, debug, trace, silent; got "loud"',
    );
  });
});
