import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { assertPublished, folderBytes, fromOutside, installedPackages } from "../installed.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infra-release-"));
  mkdirSync(join(folder, "node_modules", "deep"), { recursive: true });
  const packages = {
    "node_modules/@infra/errors": { version: "0.1.0", integrity: "sha512-a" },
    "node_modules/knex": { version: "3.0.0", integrity: "sha512-k" },
    "node_modules/knex/node_modules/debug": { version: "4.0.0", integrity: "sha512-d" },
  };
  writeFileSync(join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("installedPackages(), fromOutside()", () => {
  it("read npm's record, nested packages too", () => {
    const packages = installedPackages(folder);
    expect(packages.map(({ name }) => name)).toEqual(["@infra/errors", "knex", "debug"]);
    expect(fromOutside(packages).map(({ name }) => name)).toEqual(["knex", "debug"]);
  });
});

describe("assertPublished()", () => {
  const packages = [{ name: "@infra/errors", version: "0.1.0", integrity: "sha512-a" }];

  it("accepts what this rehearsal published, and leaves others alone", () => {
    const published = new Map([["@infra/errors", { version: "0.1.0", integrity: "sha512-a" }]]);
    expect(() => assertPublished(installedPackages(folder), published)).not.toThrow();
  });

  it("refuses another rehearsal's package and one that is not published", () => {
    const published = new Map([["@infra/errors", { version: "0.1.0", integrity: "sha512-b" }]]);
    expect(() => assertPublished(packages, published)).toThrow("came from npm's cache");
    expect(() => assertPublished(packages, new Map())).toThrow("which is not published");
  });
});

describe("folderBytes()", () => {
  it("adds up the files at any depth", () => {
    writeFileSync(join(folder, "node_modules", "deep", "a"), "12345");
    expect(folderBytes(join(folder, "node_modules", "deep"))).toBe(5);
  });
});
