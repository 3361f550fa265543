import { strictEqual as assertEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";

import { describe, it } from "@jest/globals";

import { createDemo } from "../src/demo.js";

describe("README", () => {
  it("draws the services as they are", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const [, drawn] = /^```mermaid\n([\s\S]*?)\n?```$/m.exec(readme) ?? [];
    const { container } = createDemo({
      config: { env: { NODE_ENV: "test", ENCRYPTION_KEY: "a key for tests" }, argv: [] },
      lifecycle: { exit: false, print: () => {} },
    });
    const graph = container.graph().toMermaid();
    assertEqual(
      drawn,
      graph,
      `README.md is out of date; its mermaid block is to be:\n\n${graph}\n`,
    );
  });
});
