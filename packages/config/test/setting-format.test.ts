import type { Setting } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { readSetting } from "../src/setting-format.js";

const read = (format: string, value: unknown, isText = true): unknown =>
  readSetting({ doc: "", format, values: ["a", "b"] } as unknown as Setting, value, isText);

describe("readSetting()", () => {
  it.each([
    ["string", " a ", " a "],
    ["boolean", "Yes", true],
    ["boolean", "off", false],
    ["boolean", "0", false],
    ["integer", "-12", -12],
    ["number", "1.5e3", 1500],
    ["port", "8080", 8080],
    ["duration", "5m", 300_000],
    ["duration", "250", 250],
    ["bytes", "1kb", 1024],
    ["url", "https://x.example/a", "https://x.example/a"],
    ["database-url", "pglite:memory", "pglite:memory"],
    ["enum", "b", "b"],
    ["list", "a, b,,c", ["a", "b", "c"]],
    ["json", '{"a":1}', { a: 1 }],
  ])("reads %s from %j", (format, text, value) => {
    expect(read(format, text)).toEqual(value);
  });

  // convict's own formats read 80, true and 1 out of these
  it.each([
    ["boolean", "maybe"],
    ["boolean", "constructor"],
    ["integer", "80a"],
    ["integer", "1.5"],
    ["number", "1px"],
    ["number", ""],
    ["port", "65536"],
    ["port", "80a"],
    ["duration", "soon"],
    ["bytes", "-1"],
    ["url", "x.example"],
    ["database-url", "https://x.example"],
    ["enum", "c"],
    ["json", "{"],
  ])("refuses %s from %j", (format, text) => {
    expect(read(format, text)).toBeUndefined();
  });

  it("is strict about values that are no text", () => {
    expect(read("port", "80", false)).toBeUndefined();
    expect(read("string", 1, false)).toBeUndefined();
    expect(read("boolean", "true", false)).toBeUndefined();
    expect(read("list", ["a", 1], false)).toBeUndefined();
    expect(read("duration", "5m", false)).toBe(300_000);
    expect(read("number", Number.NaN, false)).toBeUndefined();
  });
});
