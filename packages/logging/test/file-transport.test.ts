import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemClock } from "@infra/interfaces";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { FileTransport, LoggerService } from "../src/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infra-logging-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const starts = (name: string): string[] =>
  read(name)
    .trim()
    .split("\n")
    .map((line) => line[0]!);

describe("FileTransport", () => {
  it("has each line in the file before the call returns, in folders that it makes", () => {
    const path = join(folder, "a", "b", "app.log");
    const logger = new LoggerService({ console: false, file: path });
    expect(existsSync(path)).toBe(false);
    logger.info("größe", { a: "\n" });
    expect(JSON.parse(read("a/b/app.log"))).toMatchObject({ message: "größe", a: "\n" });
    logger.info("2");
    expect(read("a/b/app.log").split("\n")).toHaveLength(3);
  });

  it("appends, and takes a line after stop()", async () => {
    const path = join(folder, "app.log");
    for (let at = 0; at < 2; at++) {
      await using logger = new LoggerService({ console: false, file: path });
      logger.info("x");
      await logger.stop();
      logger.info("last words");
    }
    expect(read("app.log").match(/"message"/g)).toHaveLength(4);
  });

  it("puts files aside before they grow beyond maxSize, and keeps maxFiles of them", () => {
    const transport = new FileTransport({
      path: join(folder, "app.log"),
      maxSize: 25,
      maxFiles: 2,
    });
    for (let at = 1; at <= 9; at++) transport.writeLine(`${at}`.repeat(10));
    transport.close();
    expect(starts("app.log")).toEqual(["9"]);
    expect(starts("app.log.1")).toEqual(["7", "8"]);
    expect(starts("app.log.2")).toEqual(["5", "6"]);
    expect(existsSync(join(folder, "app.log.3"))).toBe(false);
  });

  it("counts what is in the file already, and keeps none when told so", () => {
    const path = join(folder, "app.log");
    for (let at = 1; at <= 3; at++) {
      const transport = new FileTransport({ path, maxSize: "25b", maxFiles: 0 });
      transport.writeLine(`${at}`.repeat(10));
      transport.close();
    }
    expect(read("app.log")).toBe("3333333333\n");
    expect(existsSync(`${path}.1`)).toBe(false);
  });

  it("removes files that were put aside longer ago than maxAge", () => {
    const path = join(folder, "app.log");
    const now = Date.now();
    const make = (): FileTransport =>
      new FileTransport(
        { path, maxSize: 5, maxFiles: 9, maxAge: "2d" },
        { clock: { ...systemClock, now: () => now } },
      );
    const first = make();
    for (const line of ["aaaa", "bbbb", "cccc", "dddd"]) first.writeLine(line);
    first.close();
    for (const [at, days] of [1, 1.9, 2.1].entries()) {
      const writtenAt = new Date(now - days * 86_400_000);
      utimesSync(`${path}.${at + 1}`, writtenAt, writtenAt);
    }
    make().writeLine("eeee");
    expect(readdirSync(folder).toSorted()).toEqual([
      "app.log",
      "app.log.1",
      "app.log.2",
      "app.log.3",
    ]);
    expect([starts("app.log.1"), starts("app.log.3")]).toEqual([["d"], ["b"]]);
  });

  it("that can't be written to is reported, not thrown", () => {
    const failures: unknown[] = [];
    const logger = new LoggerService({
      console: false,
      file: folder,
      onTransportError: (name, error) => failures.push([name, (error as { code: string }).code]),
    });
    logger.info("x");
    logger.info("y");
    expect(failures).toEqual([[`file ${folder}`, "EISDIR"]]);
    expect(logger.stats().transports[0]).toMatchObject({ written: 0, failed: 2 });
  });

  it("refuses an empty path", () => {
    expect(() => new FileTransport({ path: "" })).toThrow('path must be a file name, got ""');
  });
});
