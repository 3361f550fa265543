import { generateKeyPairSync } from "node:crypto";

import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { KeyRing, SignatureService } from "../src/index.js";

const purpose = "cookie";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const rings = {
  "HMAC-SHA-256": () => new KeyRing({ id: "one", secret: Buffer.alloc(32, 1) }),
  Ed25519: () => new KeyRing(KeyRing.generate("ed25519", { id: "one" })),
};

describe.each(Object.entries(rings))("SignatureService with %s", (_name, makeRing) => {
  const keys = makeRing();
  const signatures = new SignatureService({ keys });

  it("verifies what it signed, with dots and without", () => {
    for (const value of ["user.42", "", "a b=c; d", "…"]) {
      const signed = signatures.sign(value, { purpose });
      expect(signed.startsWith(`${value}.0.one.`)).toBe(true);
      expect(signatures.verify(signed, { purpose })).toBe(value);
    }
  });

  it("refuses any other character anywhere, and any cut", () => {
    const signed = signatures.sign("user", { purpose, expiresIn: "1h" });
    for (let at = 0; at < signed.length; at += 1) {
      const other = alphabet[(alphabet.indexOf(signed[at]!) + 1) % 64]!;
      const changed = signed.slice(0, at) + other + signed.slice(at + 1);
      expect(signatures.verify(changed, { purpose })).toBeUndefined();
      expect(signatures.verify(signed.slice(0, at), { purpose })).toBeUndefined();
    }
    for (const other of [
      `${signed}=`,
      `${signed} `,
      ` ${signed}`,
      `${signed}.`,
      "",
      "...",
      "a.0.one.",
    ]) {
      expect(signatures.verify(other, { purpose })).toBeUndefined();
    }
    expect(signatures.verify(undefined as unknown as string, { purpose })).toBeUndefined();
  });

  it("signs data of any kind apart", () => {
    const data = Buffer.from([0, 1, 255]);
    const signature = signatures.signDetached(data, { purpose });
    expect(signatures.verifyDetached(data, signature, { purpose })).toBe(true);
    expect(signatures.verifyDetached(Buffer.from([0, 1]), signature, { purpose })).toBe(false);
    expect(signatures.verifyDetached(data, signature, { purpose: "x" })).toBe(false);
    expect(signatures.verifyDetached(data, "", { purpose })).toBe(false);
    // one for a value is none for data
    const [, ...signedValue] = signatures.sign("v", { purpose }).split(".");
    expect(signatures.verifyDetached("v", signedValue.join("."), { purpose })).toBe(false);
  });

  it("verifies with the public half or an old key, and signs with the newest", () => {
    const signed = signatures.sign("v", { purpose });
    const [old] = keys.keys;
    const both = new KeyRing([
      old!.publicKey
        ? { id: "one", publicKey: old!.publicKey }
        : { id: "one", secret: Buffer.alloc(32, 1) },
      { id: "two", secret: Buffer.alloc(32, 2) },
    ]);
    const after = new SignatureService({ keys: both });
    expect(after.verify(signed, { purpose })).toBe("v");
    expect(after.sign("v", { purpose })).toContain(".two.");
    both.remove("one");
    expect(after.verify(signed, { purpose })).toBeUndefined();
  });
});

describe("SignatureService", () => {
  const clock = new ManualClock();
  const keys = new KeyRing({ id: "one", secret: Buffer.alloc(32, 1) }, { clock });
  const signatures = new SignatureService({ keys }, { clock });

  it("binds purpose and context, and keeps them apart", () => {
    const signed = signatures.sign("v", { purpose: "ab", context: "c" });
    expect(signatures.verify(signed, { purpose: "ab", context: "c" })).toBe("v");
    for (const other of [
      { purpose: "ab" },
      { purpose: "ab", context: "" },
      { purpose: "a", context: "bc" },
      { purpose: "abc" },
    ]) {
      expect(signatures.verify(signed, other)).toBeUndefined();
    }
    expect(() => signatures.verify(signed, { purpose: "" })).toThrow("purpose must be");
    expect(() => signatures.sign(5 as unknown as string, { purpose })).toThrow("got number");
  });

  it("refuses what has expired", () => {
    const signed = signatures.sign("v", { purpose, expiresIn: "10s" });
    clock.set(clock.now() + 9_999);
    expect(signatures.verify(signed, { purpose })).toBe("v");
    clock.set(clock.now() + 1);
    expect(signatures.verify(signed, { purpose })).toBeUndefined();
  });

  it("refuses the signature of another key of the same name", () => {
    for (const makeRing of [
      () => new KeyRing(KeyRing.generate("ed25519", { id: "one" })),
      () => new KeyRing(KeyRing.generate("secret", { id: "one" })),
    ]) {
      const signed = new SignatureService({ keys: makeRing() }).sign("v", { purpose });
      const other = new SignatureService({ keys: makeRing() });
      expect(other.verify(signed, { purpose })).toBeUndefined();
    }
  });

  it("an HMAC key can't be had from a public key of the same name", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const verifier = new SignatureService({ keys: new KeyRing({ id: "one", publicKey }) });
    expect(verifier.verify(signatures.sign("v", { purpose }), { purpose })).toBeUndefined();
  });

  it("says what is missing", () => {
    expect(() => new SignatureService({})).toThrow("keys or key is required");
  });
});

describe(".signUrl()", () => {
  const clock = new ManualClock();
  const signatures = new SignatureService({ key: "links" }, { clock });
  const options = { purpose: "download" };

  it.each([
    ["/files/a.pdf", "/files/a.pdf"],
    ["/files/a?x=1&y=2", "/files/a?x=1&y=2"],
    ["https://example.com/a?x=%20", "https://example.com/a?x=%20"],
    ["https://example.com", "https://example.com/"],
    ["/a b/ü?q=ü#part", "/a%20b/%C3%BC?q=%C3%BC"],
    ["/a/../b", "/b"],
    [new URL("http://localhost:3000/x"), "http://localhost:3000/x"],
  ])("%s verifies as %s", (url, verified) => {
    const signed = signatures.signUrl(url, options);
    expect(signed).toMatch(/[?&]signature=0\.[\w-]+\.[\w-]{43}$/);
    expect(signatures.verifyUrl(signed, options)).toBe(verified);
    expect(signatures.verifyUrl(new URL(signed, "http://other.example").href, options)).toMatch(
      /^https?:/,
    );
  });

  it("refuses any change of path and query, another method, purpose or context, and time", () => {
    const signed = signatures.signUrl("/files/a?x=1", { ...options, expiresIn: "1h" });
    const verify = (url: string, other: object = {}) =>
      signatures.verifyUrl(url, { ...options, ...other });
    expect(verify(signed)).toBe("/files/a?x=1");
    expect(verify(signed, { method: "HEAD" })).toBe("/files/a?x=1");
    for (const other of [
      signed.replace("/files/a", "/files/b"),
      signed.replace("/files/a", "/files/%61"),
      signed.replace("/files/a", "/files/c/../a"),
      signed.replace("/files/a", "/files\\a"),
      signed.replace("x=1", "x=2"),
      signed.replace("x=1&", "x=1&y=2&"),
      `${signed}&y=2`,
      `${signed}&${signed.slice(signed.indexOf("signature"))}`,
      signed.replace("&signature", "&signature=x&signature"),
      signed.slice(0, signed.indexOf("&")),
      `${signed}#part`,
      signed.replace("/files", "//files"),
      "",
      "::",
    ]) {
      expect(verify(other)).toBeUndefined();
    }
    expect(verify(signed, { method: "PUT" })).toBeUndefined();
    expect(verify(signed, { purpose: "upload" })).toBeUndefined();
    expect(verify(signed, { context: "user" })).toBeUndefined();
    clock.set(clock.now() + 3_600_000);
    expect(verify(signed)).toBeUndefined();
  });

  it("signs for the method that is named", () => {
    const signed = signatures.signUrl("/upload", { ...options, method: "put" });
    expect(signatures.verifyUrl(signed, { ...options, method: "PUT" })).toBe("/upload");
    expect(signatures.verifyUrl(signed, options)).toBeUndefined();
  });

  it.each(["files/a", "//host/a", "ftp://host/a", "https://me:pw@host/a", "/a?signature=x"])(
    "refuses to sign %s",
    (url) => {
      expect(() => signatures.signUrl(url, options)).toThrow(TypeError);
    },
  );
});
