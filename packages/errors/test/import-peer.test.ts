import { describe, expect, it } from "@jest/globals";

import { importPeer, InternalError, PeerMissingError } from "../src/index.js";

function missing(name: string, code = "ERR_MODULE_NOT_FOUND"): Promise<never> {
  return Promise.reject(
    Object.assign(new Error(`Cannot find package '${name}' imported from here`), { code }),
  );
}

describe("importPeer()", () => {
  it("gives what the package exports", async () => {
    const path = await importPeer("node:path", () => import("node:path"), { for: "the test" });
    expect(path.join("a", "b")).toBe("a/b");
  });

  it.each(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"])(
    "says what to install when the package is missing (%s)",
    async (code) => {
      const outcome = importPeer("pg", () => missing("pg", code), {
        for: "the url pglite:",
        install: "@infra/embedded-postgres pg",
      });
      await expect(outcome).rejects.toThrow(PeerMissingError);
      await expect(outcome).rejects.toThrow(InternalError);
      await expect(outcome).rejects.toMatchObject({
        code: "ERR_PEER_MISSING",
        message:
          "the url pglite: needs the package pg, which is not installed: npm i @infra/embedded-postgres pg",
        details: { package: "pg", install: "@infra/embedded-postgres pg" },
      });
    },
  );

  it("names the package alone when nothing more has to be installed", async () => {
    await expect(
      importPeer("yauzl", () => missing("yauzl"), { for: "a ZIP archive" }),
    ).rejects.toThrow(/: npm i yauzl$/);
  });

  it("passes on what a package that is there lacks of its own", async () => {
    await expect(
      importPeer("pg", () => missing("other"), { for: "the url pglite:" }),
    ).rejects.toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
  });
});
