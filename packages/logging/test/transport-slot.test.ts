import { once } from "node:events";

import { describe, expect, it } from "@jest/globals";
import winston from "winston";

import { LoggerService, type LogTransport } from "../src/index.js";
import { recordedLogger } from "./recorded-logger.js";

describe("LoggerService queues", () => {
  it("are bounded, each for itself, and count what they drop", async () => {
    const gate = new AbortController();
    const opened = once(gate.signal, "abort");
    const log = async (): Promise<void> => void (await opened);
    const { logger, recorder } = recordedLogger({ maxQueued: 5, transports: [{ log }] });
    for (let at = 0; at < 10; at++) logger.info(String(at));
    expect(recorder.entries).toHaveLength(10);
    expect(logger.stats().transports[1]).toMatchObject({ queued: 5, dropped: 4 });
    gate.abort();
    await logger.flush();
    expect(logger.stats().transports[1]).toMatchObject({ written: 6, queued: 0 });
  });

  it("keep all with whenFull: block, and ready() waits until there is room", async () => {
    const gate = new AbortController();
    const opened = once(gate.signal, "abort");
    const log = async (): Promise<void> => void (await opened);
    const { logger } = recordedLogger();
    logger.addTransport({ log }, { maxQueued: 2, whenFull: "block" });
    await logger.ready();
    for (let at = 0; at < 25; at++) logger.info(String(at));
    expect(logger.stats().transports[1]).toMatchObject({ queued: 20, dropped: 4 });
    let isReady = false;
    const ready = logger.ready().then(() => (isReady = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isReady).toBe(false);
    const given = new AbortController();
    const impatient = logger.ready({ signal: given.signal });
    given.abort(new Error("enough"));
    await expect(impatient).rejects.toThrow("enough");
    gate.abort();
    await ready;
    await logger.flush();
    expect(logger.stats().transports[1]).toMatchObject({ written: 21, queued: 0 });
    expect(() => logger.addTransport({ log }, { whenFull: "wait" as never })).toThrow(
      'whenFull must be drop or block; got "wait"',
    );
  });

  it("let ready() end when the logger stops", async () => {
    const hang: LogTransport = { log: () => new Promise(() => {}) };
    const { logger } = recordedLogger({ transports: [hang], maxQueued: 1, drainTimeout: 1 });
    for (let at = 0; at < 3; at++) logger.info("x");
    const ready = logger.ready();
    await logger.stop();
    await expect(ready).resolves.toBeUndefined();
  });
});

const broken = (): never => {
  throw new Error("no time");
};

// each of these would go round for ever without its guard: it is stopped after a hundred lines, and found out
describe("LoggerService, a transport that logs", () => {
  it("does not get its own lines, now or later; others do", async () => {
    const seen: string[] = [];
    const { logger, recorder } = recordedLogger();
    logger.addTransport({
      async log({ message }) {
        if (seen.push(message) > 100) return;
        logger.warn(`about ${message}`);
        await Promise.resolve();
        logger.warn(`late about ${message}`);
      },
    });
    logger.info("a");
    await logger.flush();
    expect(seen).toEqual(["a"]);
    expect(recorder.messages).toEqual(["a", "about a", "late about a"]);
  });

  it("does not get its own lines where it writes at once", () => {
    const seen: string[] = [];
    const { logger, recorder } = recordedLogger();
    logger.addTransport({
      log: () => {},
      writeLine(line) {
        if (seen.push(line) <= 100) logger.warn("about it");
      },
    });
    logger.info("a");
    logger.info("b");
    expect(seen).toHaveLength(2);
    expect(recorder.messages).toEqual(["a", "about it", "b", "about it"]);
  });

  it("does not hear of its failure what was logged about it", () => {
    let told = 0;
    const { logger, recorder } = recordedLogger({
      onTransportError: (name) => {
        if (++told <= 100) logger.error(`${name} failed`);
      },
    });
    logger.addTransport({
      name: "broken",
      log() {
        throw new Error("broken");
      },
    });
    logger.info("a");
    expect(told).toBe(1);
    expect(recorder.messages).toEqual(["a", "broken failed"]);
  });

  it("does not hear of a failure of the logger's own what was logged about it", () => {
    let told = 0;
    const logger: LoggerService = new LoggerService(
      {
        console: false,
        onTransportError: (name) => {
          if (++told <= 100) logger.error(`${name} failed`);
        },
      },
      { clock: { now: broken, monotonic: () => 0, setTimeout: () => () => {} } },
    );
    logger.info("a");
    expect(told).toBe(1);
  });

  it("that is a winston logger's does not send our lines back to us", async () => {
    let lines = 0;
    const { logger, recorder } = recordedLogger();
    logger.winston.format = winston.format((info) => {
      if (++lines > 100) logger.setLevel("silent");
      return info;
    })();
    logger.info("ours");
    logger.winston.info("winston's");
    await logger.flush();
    expect(lines).toBe(2);
    expect(recorder.messages).toEqual(["ours", "winston's"]);
  });
});
