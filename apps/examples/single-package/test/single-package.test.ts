import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "@jest/globals";

const example = new URL("..", import.meta.url);

// as it is built: Node.js requires no TypeScript
describe("the example", () => {
  it("is a CommonJS script that requires the package, and calls the slow function once for each key", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL("dist/main.cjs", example))],
      { cwd: tmpdir(), timeout: 60_000, env: { PATH: process.env["PATH"] } },
    );
    expect(stdout).toBe("1 1.1 1 1 1.1 with 2 calls\n");
  }, 90_000);

  it("depends on that package alone", () => {
    const manifest = JSON.parse(readFileSync(new URL("package.json", example), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.dependencies)).toEqual(["@infra/cache"]);
  });
});
