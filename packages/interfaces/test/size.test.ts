import { sizesOf } from "@infra/build/sizes";
import { describe, expect, it } from "@jest/globals";

describe("the published package", () => {
  it("is under 3 kB gzipped, and costs a bundle only what it imports", async () => {
    const { files, imports } = await sizesOf(new URL("..", import.meta.url));
    expect(Object.keys(files)).toEqual(["index.js"]);
    expect(files["index.js"]).toBeGreaterThan(1000);
    expect(files["index.js"]).toBeLessThan(3000);
    expect(imports["."]!["toMilliseconds"]).toBeLessThan(400);
  }, 60_000);
});
