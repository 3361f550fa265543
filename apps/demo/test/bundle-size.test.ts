import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "@jest/globals";

const assets = new URL("../dist/web/assets/", import.meta.url);

describe("the page", () => {
  it("is below 100 kB of scripts and styles in all, packed, and below 80 kB without the operators' part", () => {
    const files = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name));
    const bytesOf = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets))).length, 0);
    expect(files.length).toBeGreaterThan(1);
    expect(bytesOf(files)).toBeLessThan(100_000);
    expect(bytesOf(files.filter((name) => !name.startsWith("admin")))).toBeLessThan(80_000);
  });

  it("has no script and no style within its HTML: the policy allows none", () => {
    const html = readFileSync(new URL("../index.html", assets), "utf8");
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  });
});
