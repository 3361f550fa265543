import { describe, expect, it } from "@jest/globals";

import { importPeer } from "../../src/archive/import-peer.js";

const missing = (name: string) => () =>
  Promise.reject(
    Object.assign(new Error(`Cannot find package '${name}' imported from somewhere`), {
      code: "ERR_MODULE_NOT_FOUND",
    }),
  );

describe("importPeer()", () => {
  it("says what to install when the library is missing", async () => {
    await expect(importPeer(missing("yauzl"), "yauzl", "ZIP")).rejects.toMatchObject({
      code: "ERR_FILES_MISSING_PEER",
      message: "ZIP archives need the package yauzl, which is not installed: npm i yauzl",
    });
  });

  it("lets a library that lacks something of its own say so itself", async () => {
    await expect(importPeer(missing("pend"), "yauzl", "ZIP")).rejects.toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
    });
  });
});
