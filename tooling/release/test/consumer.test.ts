import { describe, expect, it } from "@jest/globals";

import { importSpecifiers, installLines } from "../consumer.mjs";
import { ourErrors } from "../types.mjs";

describe("installLines()", () => {
  it("reads each npm line of Install, flags included", () => {
    const readme = `# x

## Install

\`\`\`sh
npm i @infra/x pg   # on a server
npm install --save-dev typescript
pnpm add @infra/x
\`\`\`

## Usage

\`\`\`sh
npm i elsewhere
\`\`\`
`;
    expect(installLines(readme)).toEqual([
      ["@infra/x", "pg"],
      ["--save-dev", "typescript"],
    ]);
  });

  it("gives none without the section", () => {
    expect(installLines("# x\n")).toEqual([]);
  });
});

describe("importSpecifiers()", () => {
  it("gives the package and its subpaths, not its manifest", () => {
    const exports = { ".": {}, "./drivers/s3": {}, "./package.json": "./package.json" };
    expect(importSpecifiers({ name: "@infra/storage", exports })).toEqual([
      "@infra/storage",
      "@infra/storage/drivers/s3",
    ]);
  });
});

describe("ourErrors()", () => {
  it("keeps the errors of the program and of our declarations", () => {
    const ours = [
      "usage-1.mts(3,1): error TS2304: Cannot find name 'x'.",
      "node_modules/@infra/x/dist/index.d.ts(1,1): error TS2307: Cannot find module 'pg'.",
    ];
    const others = [
      "node_modules/knex/types/index.d.ts(1,1): error TS2307: Cannot find module 'mysql'.",
      "  a line that explains",
    ];
    expect(ourErrors([...ours, ...others].join("\n"))).toEqual(ours);
  });
});
