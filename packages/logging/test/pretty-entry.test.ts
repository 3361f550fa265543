import { describe, expect, it } from "@jest/globals";

import { LoggerService, LogRecorder, prettyPrinter } from "../src/index.js";

function printed(write: (logger: LoggerService) => void, coloured = false): string {
  const recorder = new LogRecorder();
  write(new LoggerService({ console: false, transports: [recorder], level: "trace" }));
  const print = prettyPrinter(coloured);
  return recorder.entries
    .map((entry) => print(entry).replace(/\d\d:\d\d:\d\d\.\d{3}/, "TIME"))
    .join("\n");
}

const stackOf = (title: string, ...frames: string[]): string =>
  [title, ...frames.map((frame) => `    at ${frame}`)].join("\n");

describe("prettyPrinter()", () => {
  it("aligns time, level and category, with the fields behind the message", () => {
    const text = printed((logger) => {
      logger.child({ category: "database" }).info("connected", { host: "a b", port: 5432 });
      logger.child({ category: "http" }).warn("slow", { tags: ["x"], empty: "" });
      logger.trace("bare");
    });
    expect(text).toBe(
      [
        'TIME INFO  database connected  host="a b" port=5432',
        'TIME WARN  http     slow  tags=["x"] empty=""',
        "TIME TRACE          bare",
      ].join("\n"),
    );
  });

  it("shows an error with its code, details, stack and causes below the line", () => {
    const cause = Object.assign(new TypeError("deep"), { code: "ECONNREFUSED" });
    const error = new AggregateError([new Error("one")], "both\nlines", { cause });
    const text = printed((logger) => logger.error("failed", { error, id: 7 }));
    const lines = text.split("\n").filter((line) => !/^ +(at |…)/.test(line));
    expect(lines).toEqual([
      "TIME ERROR failed  id=7",
      String.raw`    error: AggregateError: both\nlines`,
      "      caused by: TypeError: deep (ECONNREFUSED)",
      "      one of: Error: one",
    ]);
    expect(text).toContain("\n      at ");
  });

  it("counts the frames of Node.js, of packages, and of a cause that stand above it already", () => {
    const cause = new Error("inner");
    cause.stack = stackOf(
      "Error: inner",
      "query (/app/node_modules/pg/lib/client.js:1:1)",
      "load (/app/src/load.js:2:2)",
      "main (/app/src/main.js:3:3)",
    );
    const error = new Error("outer", { cause });
    error.stack = stackOf(
      "Error: outer",
      "main (/app/src/main.js:3:3)",
      "async Promise.all (node:internal/x:1:1)",
      "node:internal/modules/run:2:2",
    );
    expect(printed((logger) => logger.error("failed", { error })).split("\n")).toEqual([
      "TIME ERROR failed",
      "    error: Error: outer",
      "      at main (/app/src/main.js:3:3)",
      "      … 2 more",
      "      caused by: Error: inner",
      "        at load (/app/src/load.js:2:2)",
      "        … 2 more",
    ]);
    error.stack = stackOf("Error: outer", "node:internal/modules/run:2:2");
    expect(printed((logger) => logger.error("x", { error }))).toContain("at node:internal/modules");
  });

  it("lets nothing forge a line or steer the terminal", () => {
    const text = printed((logger) =>
      logger.child({ category: "a\nb" }).info("x\nTIME INFO  forged\u001B[2J", {
        "k\ney": "v\r\n\u009b1m",
      }),
    );
    expect(text.split("\n")).toHaveLength(1);
    expect(text).not.toMatch(/\p{Cc}/u);
  });

  it("colours when told to", () => {
    expect(printed((logger) => logger.warn("x"), true)).toContain("\u001B[33mWARN \u001B[0m");
    expect(printed((logger) => logger.warn("x"), false)).not.toContain("\u001B");
  });
});
