import { readFileSync } from "node:fs";

import { describeReadme } from "@infra/jest-preset/readme";
import { expect, it } from "@jest/globals";

import * as errors from "../src/index.js";

const folder = new URL("..", import.meta.url);

describeReadme(folder);

it("README, Errors lists exactly the classes of the package", () => {
  const { InfraError } = errors;
  const classes = Object.values(errors).filter(
    (each): each is typeof InfraError =>
      typeof each === "function" && each.prototype instanceof InfraError,
  );
  const rows = readFileSync(new URL("README.md", folder), "utf8").matchAll(
    /^\| `(\w+Error)` +\| `(ERR_\w+)` +\| (\d+) +\| (yes|no) +\|$/gm,
  );
  expect(
    Object.fromEntries(
      Array.from(rows, ([, kind, code, status, again]) => [kind, [code, status, again]]),
    ),
  ).toEqual(
    Object.fromEntries(
      classes.map(({ kind, code, status, retryable }) => [
        kind,
        [code, String(status), retryable ? "yes" : "no"],
      ]),
    ),
  );
});
