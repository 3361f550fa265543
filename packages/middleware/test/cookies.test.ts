import type { Encrypter, Signer } from "@infra/interfaces";
import { cookies, type CookiesOptions } from "@infra/middleware/cookies";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

const signer: Signer = {
  sign: (value, { purpose, expiresIn }) => `${value}.${purpose}.${String(expiresIn ?? "")}`,
  verify: (signed, { purpose }) => {
    const [value, made] = signed.split(".");
    return made === purpose ? value : undefined;
  },
};
const encrypter: Encrypter = {
  encrypt: (value, { purpose }) =>
    Buffer.from(JSON.stringify([String(value), purpose])).toString("base64url"),
  decrypt: (text, { purpose }) => {
    const [value, made] = JSON.parse(Buffer.from(text, "base64url").toString()) as string[];
    if (made !== purpose) throw new Error("not for this");
    return Buffer.from(value!);
  },
};

function createApp(options: CookiesOptions = { signer, encrypter }) {
  const app = fastify();
  app.register(cookies, options);
  // in a scope of their own: what a plugin adds to requests must be there too
  app.register(async (scope) => {
    scope.get("/set", (_request, reply) =>
      reply
        .setCookie("plain", "1")
        .setSignedCookie("signed", "2", { expiresIn: "1m" })
        .setEncryptedCookie("sealed", "3")
        .setSignedCookie("role", "admin")
        .setEncryptedCookie("secret", "root")
        .send("ok"),
    );
    scope.get("/get", (request) => ({
      plain: request.cookies["plain"],
      signed: request.signedCookie("signed"),
      sealed: request.encryptedCookie("sealed"),
    }));
  });
  return app;
}

describe("cookies", () => {
  it("sets them careful by default, and reads them back", async () => {
    const app = createApp();
    const set = await app.inject("/set");
    const jar = Object.fromEntries(set.cookies.map(({ name, value }) => [name, value]));

    expect(set.headers["set-cookie"]).toEqual([
      "plain=1; Path=/; HttpOnly; Secure; SameSite=Lax",
      expect.stringMatching(/^signed=2\.cookie.*; Max-Age=60; Path=\/; HttpOnly; Secure/),
      expect.stringMatching(/^sealed=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      expect.stringMatching(/^role=/),
      expect.stringMatching(/^secret=/),
    ]);
    expect((await app.inject({ url: "/get", cookies: jar })).json()).toEqual({
      plain: "1",
      signed: "2",
      sealed: "3",
    });
  });

  it("Trap: takes no cookie's value for another's, and nothing that was tampered with", async () => {
    const app = createApp();
    const set = await app.inject("/set");
    const jar = Object.fromEntries(set.cookies.map(({ name, value }) => [name, value]));
    const swapped = { signed: jar["role"]!, sealed: jar["secret"]! };

    expect((await app.inject({ url: "/get", cookies: swapped })).json()).toEqual({});
    const broken = { signed: "2", sealed: jar["sealed"]!.slice(1) };
    expect((await app.inject({ url: "/get", cookies: broken })).json()).toEqual({});
    expect((await app.inject("/get")).json()).toEqual({});
  });

  it("says what is missing for a signed or encrypted one", async () => {
    const response = await createApp({}).inject("/set");

    expect(response.statusCode).toBe(500);
    expect(response.body).toContain("the option signer is needed");
  });

  it("takes other defaults", async () => {
    const app = createApp({ signer, encrypter, defaults: { secure: false, sameSite: "strict" } });

    expect((await app.inject("/set")).headers["set-cookie"]).toContain(
      "plain=1; Path=/; HttpOnly; SameSite=Strict",
    );
  });
});
