import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { authConfig, authErrors } from "../src/index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

// its Usage runs in apps/examples/api, which has @infra/security too
describe("README", () => {
  it("Errors lists exactly the codes of the package", () => {
    const rows = [...readme.matchAll(/^\| `(ERR_\w+)` +\| (.*?) +\|$/gm)];
    expect(Object.fromEntries(rows.map(([, code, when]) => [code, when]))).toEqual(
      authErrors.codes,
    );
  });

  it("Options lists exactly the settings, with their variables", () => {
    const rows = [...readme.matchAll(/^\| `([a-z]\w+)` +\| .*? \| (?:`(\w+)`)? *\|/gm)];
    const listed = rows.map(([, name, env]) => [name, env]);
    const settings = Object.entries(authConfig.settings).map(([name, setting]) => [
      name,
      "env" in setting ? setting.env : undefined,
    ]);
    expect(listed).toEqual([
      ...settings,
      ["lockout", undefined],
      ["mails", undefined],
      ["maxPendingMails", undefined],
    ]);
  });
});
