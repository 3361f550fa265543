import { describe, expect, it } from "@jest/globals";

import { importDriver } from "../src/import-driver.js";
import { DriverMissingError } from "../src/index.js";

const missing = (name: string): Promise<never> =>
  Promise.reject(
    Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
      code: "ERR_MODULE_NOT_FOUND",
    }),
  );

describe("importDriver()", () => {
  const install = "npm i @infra/embedded-postgres pg";

  it("says what to install when the package is missing", async () => {
    const outcome = importDriver(() => missing("pg"), "pg", "pglite:", install);
    await expect(outcome).rejects.toThrow(DriverMissingError);
    await expect(outcome).rejects.toMatchObject({
      code: "ERR_DATABASE_DRIVER_MISSING",
      message: `the url pglite: needs the package pg, which is not installed: ${install}`,
      details: { package: "pg", install },
    });
  });

  it("passes on what a package that is there says itself", async () => {
    await expect(importDriver(() => missing("other"), "pg", "pglite:", install)).rejects.toThrow(
      /'other'/,
    );
  });
});
