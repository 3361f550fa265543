import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";

import { Secret } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { encryptionConfig, KeyRing, KeyUnavailableError } from "../src/index.js";

const day = 86_400_000;
const strong = "qHWjXBZEZkXEm0dTQy1ynfJLIsFkWsqkZ6SDCcwsnhc=";
const secret = (fill: number): Buffer => Buffer.alloc(32, fill);

describe("KeyRing", () => {
  it("makes with the newest key whose time has come, and reads with all", () => {
    const clock = new ManualClock();
    const ring = new KeyRing(
      [
        { id: "next", secret: secret(3), notBefore: clock.now() + day },
        { id: "old", secret: secret(1), notBefore: clock.now() - 2 * day },
        { id: "now", secret: secret(2), notBefore: new Date(clock.now() - day) },
      ],
      { clock },
    );
    expect(ring.current("any").id).toBe("now");
    expect(ring.accepted("any").map(({ id }) => id)).toEqual(["next", "old", "now"]);
    clock.set(clock.now() + day);
    expect(ring.current("any").id).toBe("next");
  });

  it("takes the key added last for the newest where nothing else says", () => {
    const ring = new KeyRing({ id: "a", secret: secret(1) });
    ring.add({ id: "b", secret: secret(2) });
    expect(ring.current("any").id).toBe("b");
    expect(ring.remove("b")).toBe(true);
    expect(ring.remove("b")).toBe(false);
    expect(ring.current("any").id).toBe("a");
  });

  it("neither makes nor reads with a key that is past its notAfter", () => {
    const clock = new ManualClock();
    const ring = new KeyRing(
      { id: "a", secret: secret(1), notAfter: clock.now() + day },
      { clock },
    );
    expect(ring.find("a", "any")?.id).toBe("a");
    clock.set(clock.now() + day);
    expect(ring.find("a", "any")).toBeUndefined();
    expect(() => ring.current("any")).toThrow(KeyUnavailableError);
  });

  it("uses a key for its purposes only", () => {
    const ring = new KeyRing([
      { id: "a", secret: secret(1) },
      { id: "b", secret: secret(2), purposes: ["session"] },
    ]);
    expect(ring.current("session").id).toBe("b");
    expect(ring.current("other").id).toBe("a");
    expect(ring.find("b", "other")).toBeUndefined();
  });

  it(".current() gives a key of the types that will do, never a public one", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const ring = new KeyRing([
      KeyRing.generate("secret", { id: "s" }),
      KeyRing.generate("ed25519", { id: "e" }),
      { id: "p", publicKey },
    ]);
    expect(ring.current("any").id).toBe("e");
    expect(ring.current("any", ["secret"]).id).toBe("s");
    expect(() => ring.current("any", ["rsa"])).toThrow(
      'no key of type rsa of the ring makes anything for "any"',
    );
  });

  it("derives names and keys that differ by use and purpose, and are the same each time", () => {
    const [a, b] = [secret(1), secret(1)].map((each) => new KeyRing({ secret: each }).current("x"));
    expect(a!.id).toMatch(/^[\w-]{8}$/);
    expect(a!.id).toBe(b!.id);
    expect(a!.derive("u", "p")).toEqual(b!.derive("u", "p"));
    expect(a!.derive("u", "p")).not.toEqual(a!.derive("u", "q"));
    expect(a!.derive("u", "p")).not.toEqual(a!.derive("v", "p"));
    expect(a!.derive("u", "p")).toHaveLength(32);
  });

  it("names a public key by its RFC 7638 thumbprint", () => {
    // RFC 8037, A.3
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    const ring = KeyRing.fromJwks({ keys: [jwk] });
    expect(ring.keys[0]!.id).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  it("fromJwks() takes any name that others give their keys, and leaves out those for encryption", () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    const ring = KeyRing.fromJwks({
      keys: [
        { ...jwk, kid: "https://id.example/keys#1" },
        { kty: "OKP", crv: "X25519", x: jwk.x, use: "enc" },
      ],
    });
    expect(ring.keys.map(({ id }) => id)).toEqual(["https://id.example/keys#1"]);
  });

  it("keeps a copy of the secret", () => {
    const bytes = secret(1);
    const ring = new KeyRing({ secret: bytes });
    const before = ring.current("x").derive("u", "p");
    bytes.fill(9);
    expect(new KeyRing({ secret: secret(1) }).current("x").derive("u", "p")).toEqual(before);
    expect(ring.current("x").derive("other", "p")).toEqual(
      new KeyRing({ secret: secret(1) }).current("x").derive("other", "p"),
    );
  });

  it("prints no key", () => {
    const ring = new KeyRing([
      { id: "a", secret: "a secret of thirty-two bytes, or more" },
      KeyRing.generate("ed25519", { id: "b" }),
    ]);
    for (const text of [
      inspect(ring, { depth: 9 }),
      inspect(ring.keys, { depth: 9 }),
      JSON.stringify(ring),
    ]) {
      expect(text).not.toMatch(/thirty|PRIVATE|"d"/);
    }
    expect(JSON.stringify(ring)).toContain('{"id":"a","type":"secret"}');
  });

  it.each([
    ["a short secret", { secret: Buffer.alloc(31) }, "at least 32 bytes, got 31"],
    ["no bytes", { secret: 5 as unknown as string }, "secret must be text or bytes, got number"],
    ["a bad name", { id: "../etc", secret: secret(1) }, "id must be 1 to 64 letters"],
    [
      "a PEM file as secret",
      { secret: `-----BEGIN PUBLIC KEY-----${"x".repeat(40)}` },
      "must not be a PEM file",
    ],
    [
      "a wrong order of times",
      { id: "a", secret: secret(1), notBefore: 2, notAfter: 1 },
      "notAfter must be later",
    ],
    [
      "a time that is none",
      { secret: secret(1), notAfter: new Date("never") },
      "notAfter must be a Date",
    ],
    [
      "a private key as public",
      { publicKey: generateKeyPairSync("ed25519").privateKey },
      "must be a public key",
    ],
    [
      "a private JWK as public",
      { publicKey: generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }) },
      "must be a public key",
    ],
    [
      "a text that is no key",
      { privateKey: "secret words" },
      "privateKey must be a KeyObject, PEM text or a JSON Web Key",
    ],
    [
      "an RSA key of 1024 bits",
      { privateKey: generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey },
      "at least 2048 bits",
    ],
    [
      "a curve that nothing uses",
      { privateKey: generateKeyPairSync("x25519").privateKey },
      "must be Ed25519, P-256, P-384 or RSA",
    ],
  ])("refuses %s, without quoting it", (_what, key, message) => {
    expect(() => new KeyRing(key)).toThrow(message);
    expect(() => new KeyRing(key)).not.toThrow("secret words");
  });

  it("refuses two keys of one name, and secrets in a JWK set", () => {
    expect(() => new KeyRing([{ secret: secret(1) }, { secret: secret(1) }])).toThrow(
      "two keys are called",
    );
    expect(() => KeyRing.fromJwks({ keys: [{ kty: "oct", k: "x".repeat(43) }] })).toThrow(
      "must be a public key",
    );
  });

  it("fromText() takes a strong text as it is, so that others can share the key", () => {
    const ring = KeyRing.fromText(new Secret(strong), [
      "another text, of which there is enough to be strong",
    ]);
    expect(ring.current("x").secretKey!.export()).toEqual(Buffer.from(strong));
    expect(ring.keys).toHaveLength(2);
  });

  it("fromText() takes a text that stands there twice for one key", () => {
    expect(KeyRing.fromText(strong, [strong]).keys).toHaveLength(1);
  });

  it("fromText() stretches a weak text, the same way each time", () => {
    const [a, b] = ["dev", "dev"].map((text) => KeyRing.fromText(text).current("x"));
    expect(a!.secretKey!.export()).toHaveLength(32);
    expect(a!.id).toBe(b!.id);
    expect(() => KeyRing.fromText("")).toThrow("a key must be a non-empty string");
  });

  it.each([
    ["the design's sample", "your-32-byte-encryption-key", false],
    ["a passphrase", "correct horse battery staple", false],
    ["32 random bytes in base64", strong, true],
    ["32 random bytes in base64url", strong.slice(0, 43).replaceAll("+", "-"), true],
    ["32 random bytes in hex", "0123456789abcdef".repeat(4), true],
    ["16 random bytes in hex, twice", "0123456789abcdef".repeat(2), false],
    ["one letter 64 times", "a".repeat(64), false],
  ])("ENCRYPTION_KEY: in production %s is %s: %s", (_what, text, allowed) => {
    const { validate } = encryptionConfig.settings.key;
    expect(validate(text, { production: false })).toBeUndefined();
    expect(validate(text, { production: true }) === undefined).toBe(allowed);
    const { validate: validateList } = encryptionConfig.settings.previousKeys;
    expect(validateList([strong, text], { production: true }) === undefined).toBe(allowed);
    expect(validate("", { production: false })).toBe("must not be empty");
  });
});
