import * as crypto from "node:crypto";

import { describe, expect, it, jest } from "@jest/globals";

for (const name of ["bcrypt", "@node-rs/argon2", "@zxcvbn-ts/core"]) {
  jest.unstable_mockModule(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
      code: "ERR_MODULE_NOT_FOUND",
    });
  });
}

const { Argon2Algorithm } = await import("../../src/drivers/argon2.js");
const { BcryptAlgorithm } = await import("../../src/drivers/bcrypt.js");
const { zxcvbnStrength } = await import("../../src/drivers/zxcvbn.js");
const { PasswordService } = await import("../../src/index.js");

const missing = (text: string) => ({
  code: "ERR_PEER_MISSING",
  message: expect.stringContaining(text),
});
const isNative = "argon2" in crypto;

describe("without the packages that are optional", () => {
  it("everything that needs none works", async () => {
    const passwords = new PasswordService();
    await passwords.start();
    expect(await passwords.verify("x", await passwords.hash("x"))).toBe(true);
  });

  it("bcrypt says what to install, at the start", async () => {
    await expect(new PasswordService({ algorithm: "bcrypt" }).start()).rejects.toMatchObject(
      missing("npm i bcrypt"),
    );
    await expect(new BcryptAlgorithm().hash("x")).rejects.toMatchObject(missing("npm i bcrypt"));
  });

  // from 24.7 on, Node.js needs no package for it
  (isNative ? describe.skip : describe)("before Node.js 24.7", () => {
    it("argon2id says what to install", async () => {
      await expect(new Argon2Algorithm().hash("x")).rejects.toMatchObject(
        missing("npm i @node-rs/argon2"),
      );
    });
  });

  it("zxcvbn says what to install", async () => {
    await expect(zxcvbnStrength()("x", [])).rejects.toMatchObject(
      missing("npm i @zxcvbn-ts/core @zxcvbn-ts/language-common"),
    );
  });
});
