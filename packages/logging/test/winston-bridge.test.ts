import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import { afterEach, describe, expect, it, jest } from "@jest/globals";
import winston from "winston";

import { LoggerService, LogRecorder } from "../src/index.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A transport of winston's that keeps the lines it writes. */
function linesOf(format?: winston.Logform.Format): {
  readonly lines: string[];
  readonly transport: winston.transports.StreamTransportInstance;
} {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(String(chunk).trimEnd());
      done();
    },
  });
  const transport = new winston.transports.Stream({ stream, ...(format && { format }) });
  return { lines, transport };
}

const make = (): { logger: LoggerService; recorder: LogRecorder; failed: jest.Mock } => {
  const recorder = new LogRecorder();
  const failed = jest.fn();
  const options = { console: false, transports: [recorder], onTransportError: failed };
  return { logger: new LoggerService(options), recorder, failed };
};

describe("LoggerService.addTransport() with a transport of winston", () => {
  it("gives it the finished line, or what its own format makes of it", async () => {
    const bare = linesOf();
    const { combine, colorize, printf } = winston.format;
    const formatted = linesOf(
      combine(
        colorize(),
        printf(({ level, message, ...rest }) => `${level} ${String(message)} ${String(rest["a"])}`),
      ),
    );
    const { logger, recorder } = make();
    logger.addTransport(bare.transport).addTransport(formatted.transport);
    logger.fatal("hello", { a: 1, password: "hunter2" });
    await logger.flush();
    expect(bare.lines).toEqual([recorder.entries[0]?.line]);
    expect(formatted.lines).toEqual(["\u001B[35mfatal\u001B[39m hello 1"]);
  });

  it("keeps to the transport's own level", async () => {
    const { lines, transport } = linesOf();
    transport.level = "warn";
    const { logger } = make();
    logger.addTransport(transport);
    logger.info("no");
    logger.error("yes");
    await logger.flush();
    expect(lines).toHaveLength(1);
  });

  // in winston a format that throws throws into the one who logs
  it("keeps what its format throws from the caller, and goes on", async () => {
    const explode = winston.format((info) => {
      if (info.message === "bad") throw new Error("bad format");
      return info;
    });
    const { lines, transport } = linesOf(explode());
    const { logger, recorder, failed } = make();
    logger.addTransport(transport);
    for (const message of ["good", "bad", "good"]) logger.info(message);
    await logger.flush();
    expect(recorder.messages).toEqual(["good", "bad", "good"]);
    expect(lines).toHaveLength(2);
    expect(failed.mock.calls).toEqual([["winston Stream", new Error("bad format")]]);
  });

  // in winston an error disconnects a transport for good
  it("goes on after an error of the transport", async () => {
    const { lines, transport } = linesOf();
    const { logger, failed } = make();
    logger.addTransport(transport);
    logger.info("1");
    transport.emit("error", new Error("hiccup"));
    logger.info("2");
    await logger.flush();
    expect(lines).toHaveLength(2);
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it("has every line in the file of winston's own transport when the logger has stopped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "infra-logging-"));
    folders.push(folder);
    const filename = join(folder, "app.log");
    const { logger } = make();
    logger.addTransport(new winston.transports.File({ filename }));
    for (let at = 0; at < 1000; at++) logger.info(String(at));
    await logger.stop();
    const lines = readFileSync(filename, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(
      Array.from({ length: 1000 }, (_, at) => String(at)),
    );
  });

  it("ends it when the logger stops", async () => {
    const { transport } = linesOf();
    const finished = jest.fn();
    transport.on("finish", finished);
    const { logger } = make();
    logger.addTransport(transport);
    logger.info("1");
    await logger.stop();
    expect(finished).toHaveBeenCalledTimes(1);
  });
});

describe("LoggerService.winston", () => {
  it("is one logger, whose lines go where ours go", () => {
    const { logger, recorder } = make();
    expect(logger.winston).toBe(logger.winston);
    logger.winston.info("hello %s", "ann", { token: "hunter2" });
    logger.winston.child({ requestId: "r1" }).warn("child");
    logger.winston.log({ level: "error", message: "object", a: 1 });
    logger.winston.debug("not this level");
    expect(recorder.entries.map(({ level, message, meta }) => [level, message, meta])).toEqual([
      ["info", "hello ann", { token: "[redacted]" }],
      ["warn", "child", { requestId: "r1" }],
      ["error", "object", { a: 1 }],
    ]);
  });

  it("keeps message, stack and cause of an error", () => {
    const { logger, recorder } = make();
    logger.winston.error(new Error("boom", { cause: "why" }));
    expect(recorder.entries[0]).toMatchObject({
      message: "boom",
      meta: { error: { message: "boom", cause: "why", stack: expect.any(String) } },
    });
  });

  it("passes our lines to transports that were added to it, by its format", async () => {
    const { lines, transport } = linesOf();
    const { logger } = make();
    logger.winston.add(transport);
    logger.info("ours", { a: 1 });
    logger.winston.info("its own");
    await logger.flush();
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: "info", message: "ours", a: 1 },
      { level: "info", message: "its own" },
    ]);
    logger.winston.format = winston.format.printf(({ message }) => `<${String(message)}>`);
    logger.info("ours");
    await logger.stop();
    expect(lines.at(-1)).toBe("<ours>");
  });

  it("leaves nothing open when the logger stops", async () => {
    const { logger } = make();
    logger.winston.info("x");
    await logger.stop();
    expect(logger.stats().transports.at(-1)).toMatchObject({ written: 1, queued: 0 });
  });
});
