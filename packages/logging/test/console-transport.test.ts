import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { ConsoleTransport, LoggerService, type ConsoleTransportOptions } from "../src/index.js";

const { NO_COLOR, FORCE_COLOR } = process.env;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infra-logging-"));
  delete process.env["NO_COLOR"];
  delete process.env["FORCE_COLOR"];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  Object.assign(process.env, NO_COLOR !== undefined && { NO_COLOR });
  Object.assign(process.env, FORCE_COLOR !== undefined && { FORCE_COLOR });
});

function written(options: ConsoleTransportOptions): string {
  const file = join(folder, "out");
  const fd = openSync(file, "w");
  const transport = new ConsoleTransport({ ...options, fd });
  new LoggerService({ console: false, transports: [transport] }).warn("größe", { a: 1 });
  closeSync(fd);
  return readFileSync(file, "utf8");
}

const isColoured = (): boolean => written({ format: "pretty" }).includes("\u001B[33m");

describe("ConsoleTransport", () => {
  it("writes JSON where there is no terminal, and pretty lines when told to", () => {
    expect(JSON.parse(written({}))).toMatchObject({ level: "warn", message: "größe", a: 1 });
    expect(written({ format: "pretty" })).toMatch(/^[\d:.]{12} WARN {2}größe {2}a=1\n$/);
  });

  it("colours as FORCE_COLOR says, and never because of NO_COLOR", () => {
    process.env["FORCE_COLOR"] = "1";
    expect(isColoured()).toBe(true);
    process.env["FORCE_COLOR"] = "0";
    expect(isColoured()).toBe(false);
    delete process.env["FORCE_COLOR"];
    process.env["NO_COLOR"] = "1";
    expect(isColoured()).toBe(false);
  });

  it("whose reader is gone fails without throwing", () => {
    const failures: unknown[] = [];
    const logger = new LoggerService({
      console: false,
      transports: [new ConsoleTransport({ format: "json", fd: 9999 })],
      onTransportError: (name) => failures.push(name),
    });
    logger.info("x");
    expect(failures).toEqual(["console"]);
  });
});
