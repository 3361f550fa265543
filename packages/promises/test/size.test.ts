import { sizesOf } from "@infra/build/sizes";
import { describe, expect, it } from "@jest/globals";

describe("the published package", () => {
  it("costs a bundle only what it imports", async () => {
    const { imports } = await sizesOf(new URL("..", import.meta.url));
    // everything together is some 20,000 bytes
    expect(imports["."]!["deferred"]).toBeLessThan(150);
    expect(imports["."]!["sleep"]).toBeLessThan(800);
    expect(imports["."]!["mapConcurrent"]).toBeLessThan(900);
  }, 60_000);
});
