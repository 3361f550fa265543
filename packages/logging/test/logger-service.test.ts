import { Secret, tokens, type Logger, type LogLevel } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

import {
  LoggerService,
  loggingConfig,
  LogRecorder,
  type LogEntry,
  type LogTransport,
} from "../src/index.js";
import { recordedLogger } from "./recorded-logger.js";

describe("LoggerService", () => {
  it("answers to tokens.logger, and its section's values are its options", () => {
    expect(LoggerService.provides).toBe(tokens.logger);
    const logger: Logger = new LoggerService({ ...loggingConfig.defaults(), console: false });
    expect(logger.isEnabled("info")).toBe(true);
  });

  it("writes the six levels, as far as they pass", () => {
    const { logger, recorder } = recordedLogger({ level: "trace" });
    const levels: LogLevel[] = ["fatal", "error", "warn", "info", "debug", "trace"];
    for (const level of levels) logger[level](`a ${level}`);
    expect(recorder.entries.map(({ level }) => level)).toEqual(levels);
    logger.setLevel("silent");
    for (const level of levels) logger[level]("no");
    expect(recorder.entries).toHaveLength(6);
    expect(levels.some((level) => logger.isEnabled(level))).toBe(false);
  });

  it.each([
    [{ level: "loud" as never }, 'level must be one of fatal, .*; got "loud"'],
    [{ levels: ["database"] }, 'levels must hold "<category>=<level>"; got "database"'],
    [{ format: "xml" as never, console: true }, 'format must be auto, pretty or json; got "xml"'],
    [{ maxQueued: 0 }, "maxQueued must be a whole number from 1, got 0"],
    [{ redact: ["a..b"] }, 'redact must hold paths such as .*; got "a..b"'],
    [{ drainTimeout: "soon" as never }, "drainTimeout must be milliseconds"],
    [{ file: "x", maxFiles: -1 }, "maxFiles must be a whole number from 0, got -1"],
  ])("refuses the options %j", (options, message) => {
    expect(() => new LoggerService({ console: false, ...options })).toThrow(new RegExp(message));
  });
});

describe("LoggerService entries", () => {
  it("are plain, frozen, timed by the clock, and carry the whole as a line", () => {
    const recorder = new LogRecorder();
    const clock = { now: () => 1_700_000_000_123, monotonic: () => 0, setTimeout: () => () => {} };
    const logger = new LoggerService({ console: false, transports: [recorder] }, { clock });
    logger.child({ category: "database", host: "a" }).info("hello", { n: 1, none: undefined });
    expect(recorder.entries).toEqual([
      {
        level: "info",
        message: "hello",
        category: "database",
        meta: { host: "a", n: 1 },
        timestamp: new Date(1_700_000_000_123),
        line: '{"timestamp":"2023-11-14T22:13:20.123Z","level":"info","category":"database","message":"hello","host":"a","n":1}',
      },
    ]);
    expect(Object.isFrozen(recorder.entries[0])).toBe(true);
  });

  it("keep what was logged, also when it changes afterwards", () => {
    const { logger, recorder } = recordedLogger();
    const list = [1];
    logger.info("a", { list });
    list.push(2);
    expect(recorder.entries[0]?.meta).toEqual({ list: [1] });
  });

  // winston concatenates meta.message to the message
  it("keep a field called message, level, timestamp or category apart", () => {
    const { logger, recorder } = recordedLogger();
    logger.info("a", { message: "b", level: "c", timestamp: "d", category: "e" });
    expect(recorder.entries[0]).toMatchObject({
      level: "info",
      message: "a",
      meta: { _message: "b", _level: "c", _timestamp: "d", _category: "e" },
    });
  });

  // winston prints neither the message nor the stack of logger.error(error)
  it("have the message, stack and causes of an error wherever it stands", () => {
    const { logger, recorder } = recordedLogger();
    const error = new TypeError("boom", { cause: new Error("below") });
    logger.error(error);
    logger.error("failed", error);
    logger.error("failed", { deep: [{ error }] });
    const serialised = {
      name: "TypeError",
      message: "boom",
      stack: expect.stringContaining("logger-service.test.ts"),
      cause: expect.objectContaining({ message: "below", stack: expect.any(String) }),
    };
    expect(recorder.messages).toEqual(["boom", "failed", "failed"]);
    expect(recorder.entries[0]?.meta).toEqual({ error: serialised });
    expect(recorder.entries[1]?.meta).toEqual({ error: serialised });
    expect(recorder.entries[2]?.meta).toEqual({ deep: [{ error: serialised }] });
  });

  it("never hold a secret", () => {
    const { logger, recorder } = recordedLogger({
      redact: ["user.*.iban"],
      redactPatterns: [/sk_\w+/],
    });
    logger.child({ token: "hunter2" }).error("login hunter2x Bearer hunter2hunter2 sk_hunter2", {
      secret: new Secret("hunter2"),
      value: new Secret("hunter2"),
      user: { ann: { iban: "hunter2", name: "ann" } },
      url: "postgres://ann:hunter2@db/notes",
      error: new Error("at https://ann:hunter2@x.example/", { cause: { password: "hunter2" } }),
    });
    const line = recorder.entries[0]!.line.replace("hunter2x", "");
    expect(line).not.toContain("hunter2");
    expect(line).toContain("ann:[redacted]@db");
    expect(line).toContain('"ann":{"iban":"[redacted]","name":"ann"}');
  });
});

describe("LoggerService.child()", () => {
  it("adds its fields to its parent's; the nearest to the call counts", () => {
    const { logger, recorder } = recordedLogger();
    const child = logger.child({ a: 1, b: 1 }).child({ b: 2, c: 2 });
    child.info("x", { c: 3 });
    child.info("y");
    expect(recorder.entries.map(({ meta }) => meta)).toEqual([
      { a: 1, b: 2, c: 3 },
      { a: 1, b: 2, c: 2 },
    ]);
    expect(recorder.entries[0]!.line.match(/"c":/g)).toHaveLength(1);
  });

  it("bears a getter that throws, and reads each once", () => {
    const { logger, recorder } = recordedLogger();
    let reads = 0;
    const meta = {
      get bad(): never {
        throw new Error("no");
      },
      get good() {
        return (reads += 1);
      },
    };
    const child = logger.child(meta);
    child.info("x");
    child.child({ a: 1 }).info("y", { a: 2 });
    expect(recorder.entries.map((entry) => entry.meta)).toEqual([
      { bad: "[unreadable]", good: 1 },
      { bad: "[unreadable]", good: 1, a: 2 },
    ]);
  });
});

describe("LoggerService.setLevel()", () => {
  it("changes a category and those below it, for loggers that exist already", () => {
    const { logger, recorder } = recordedLogger({ levels: ["http=error"] });
    const pool = logger.child({ category: "database.pool" });
    const http = logger.child({ category: "http" });
    pool.debug("1");
    http.warn("2");
    logger.setLevel("debug", "database");
    pool.debug("3");
    logger.debug("4");
    logger.setLevel("warn", "database.pool");
    pool.info("5");
    logger.resetLevel("database.pool");
    pool.debug("6");
    logger.setLevel("trace");
    logger.trace("7");
    expect(recorder.messages).toEqual(["3", "6", "7"]);
    expect(logger.getLevel("database.pool")).toBe("debug");
    expect(logger.getLevel()).toBe("trace");
    expect(() => logger.setLevel("loud" as never)).toThrow(RangeError);
  });
});

describe("LoggerService.addTransport()", () => {
  it("takes the transport of the design as it is written there", async () => {
    class SlackLogTransport implements LogTransport {
      readonly #webhookUrl: string;
      constructor(webhookUrl: string) {
        this.#webhookUrl = webhookUrl;
      }

      async log(entry: LogEntry): Promise<void> {
        if (entry.level === "error" || entry.level === "warn") {
          await fetch(this.#webhookUrl, {
            method: "POST",
            body: `[${entry.level.toUpperCase()}] ${entry.message} ${JSON.stringify(entry.meta)}`,
          });
        }
      }
    }
    const post = jest.spyOn(globalThis, "fetch").mockResolvedValue(new Response());
    const { logger } = recordedLogger();
    logger.addTransport(new SlackLogTransport("https://hooks.example"));
    logger.info("quiet");
    logger.warn("loud", { a: 1 });
    await logger.flush();
    expect(post.mock.calls.map(([url, init]) => [url, init?.body])).toEqual([
      ["https://hooks.example", '[WARN] loud {"a":1}'],
    ]);
    post.mockRestore();
  });

  it("gives a transport no more than its level", () => {
    const log = jest.fn<(entry: LogEntry) => void>();
    const { logger } = recordedLogger({ transports: [{ level: "warn", log }] });
    logger.info("a");
    logger.error("b");
    expect(log.mock.calls.map(([{ message }]) => message)).toEqual(["b"]);
  });
});

describe("LoggerService, when a transport fails", () => {
  it("says so once, and never throws into the caller", async () => {
    const onTransportError = jest.fn();
    const { logger, recorder } = recordedLogger({
      onTransportError,
      transports: [
        {
          name: "thrower",
          log: () => {
            throw new Error("broken");
          },
        },
        { name: "rejecter", log: () => Promise.reject(new Error("late")) },
        {
          name: "line thrower",
          log: () => {},
          writeLine: () => {
            throw new Error("line");
          },
        },
      ],
    });
    logger.info("1");
    logger.info("2");
    await logger.flush();
    expect(recorder.messages).toEqual(["1", "2"]);
    expect(onTransportError.mock.calls).toEqual([
      ["thrower", new Error("broken")],
      ["line thrower", new Error("line")],
      ["rejecter", new Error("late")],
    ]);
    expect(logger.stats()).toMatchObject({
      lines: 2,
      transports: [{ failed: 0, written: 2 }, { failed: 2 }, { failed: 2 }, { failed: 2 }],
    });
    expect(await logger.health()).toMatchObject({
      status: "degraded",
      message: "lines were lost by thrower, rejecter, line thrower",
    });
  });
});

describe("LoggerService.stop()", () => {
  it("delivers every line to slow transports, then closes them", async () => {
    const seen: string[] = [];
    const slow: LogTransport = {
      async log({ message }) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(message);
      },
      flush: () => void seen.push("flushed"),
      close: () => void seen.push("closed"),
    };
    const { logger } = recordedLogger({ transports: [slow] });
    for (let at = 0; at < 100; at++) logger.info(String(at));
    const stopped = logger.stop();
    expect(logger.stop()).toBe(stopped);
    await stopped;
    expect(seen.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, at) => String(at)));
    expect(seen.slice(100)).toEqual(["flushed", "closed"]);
    logger.info("after");
    expect(logger.stats().transports[1]).toMatchObject({ written: 100, dropped: 1 });
  });

  it("ends although a transport hangs, by its own time or the signal's", async () => {
    const hang: LogTransport = { log: () => new Promise(() => {}) };
    const clock = new ManualClock();
    const slow = { ...hang, close: () => new Promise<void>(() => {}) };
    const first = recordedLogger({ transports: [slow], drainTimeout: "5s" }, { clock }).logger;
    for (let at = 0; at < 3; at++) first.info("x");
    let over = false;
    void first.stop().then(() => (over = true));
    await clock.advance(4999);
    expect(over).toBe(false);
    await clock.advance(1);
    expect(over).toBe(true);
    expect(first.stats().transports[1]).toMatchObject({ written: 0, dropped: 2, queued: 0 });

    const second = recordedLogger({ transports: [hang], drainTimeout: "1h" }).logger;
    second.info("x");
    const abort = new AbortController();
    const stopped = second.stop({ signal: abort.signal });
    abort.abort();
    await stopped;
  });
});

const listeners = (): number =>
  [process, process.stdout, process.stderr]
    .flatMap((emitter) => emitter.eventNames().map((name) => emitter.listenerCount(name)))
    .reduce((sum, each) => sum + each, 0);

describe("LoggerService, many of them", () => {
  // winston adds listeners for each logger
  it("leave no listener on the process or its streams", () => {
    const before = listeners();
    for (let at = 0; at < 100; at++)
      recordedLogger({ console: true, level: "silent" }).logger.info("x");
    expect(listeners()).toBe(before);
  });
});
