import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { EncryptionService, KeyRing, type AeadAlgorithm } from "../src/index.js";
import { runProgram } from "./run-program.js";

const refusal = expect.objectContaining({
  code: "ERR_SECURITY_DECRYPTION",
  message: "it can't be decrypted",
});
const purpose = "invoice";
const algorithms: readonly AeadAlgorithm[] = ["aes-256-gcm", "chacha20-poly1305"];

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function ring(...ids: readonly string[]): KeyRing {
  return new KeyRing(ids.map((id) => ({ id, secret: Buffer.alloc(32, id) })));
}

describe.each(algorithms)("EncryptionService with %s", (algorithm) => {
  const encryption = new EncryptionService({ keys: ring("one"), algorithm });

  it("decrypts what it encrypted: text, bytes, nothing", () => {
    for (const value of ["grüße 🔑", Buffer.from([0, 255, 1]), "", "x".repeat(100_000)]) {
      const encrypted = encryption.encrypt(value, { purpose });
      expect(encrypted).toMatch(/^[\w-]+$/);
      expect(encryption.decrypt(encrypted, { purpose })).toEqual(Buffer.from(value));
    }
  });

  it("refuses every flipped bit and every shortened text, with one error", () => {
    const bytes = Buffer.from(encryption.encrypt("value", { purpose }), "base64url");
    const decrypt = (changed: Buffer) =>
      caught(() => encryption.decrypt(changed.toString("base64url"), { purpose }));
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(decrypt(changed)).toEqual(refusal);
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decrypt(bytes.subarray(0, length))).toEqual(refusal);
    }
    expect(decrypt(Buffer.concat([bytes, Buffer.alloc(1)]))).toEqual(refusal);
    expect(decrypt(bytes)).toEqual(Buffer.from("value"));
  });
});

describe("EncryptionService", () => {
  const encryption = new EncryptionService({ keys: ring("one") });

  it("takes one text for a value, not others that Node.js reads as the same bytes", () => {
    // a length that leaves bits over in the last character
    const encrypted = encryption.encrypt("123", { purpose });
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const stray = encrypted.slice(0, -1) + last[last.indexOf(encrypted.at(-1)!) + 1]!;
    expect(Buffer.from(stray, "base64url")).toEqual(Buffer.from(encrypted, "base64url"));
    const others = [stray, `${encrypted}=`, `${encrypted}\n`, ` ${encrypted}`, `${encrypted}!`];
    for (const other of others) {
      expect(caught(() => encryption.decrypt(other, { purpose }))).toEqual(refusal);
    }
    for (const other of [undefined, null, 5, {}] as unknown as string[]) {
      expect(caught(() => encryption.decrypt(other, { purpose }))).toEqual(refusal);
    }
  });

  it("binds purpose and context", () => {
    const encrypted = encryption.encrypt("v", { purpose, context: "user:1" });
    expect(encryption.decrypt(encrypted, { purpose, context: "user:1" }).toString()).toBe("v");
    for (const other of [
      { purpose },
      { purpose, context: "" },
      { purpose, context: "user:2" },
      { purpose: "other", context: "user:1" },
      { purpose: "invoiceuser:1" },
    ]) {
      expect(caught(() => encryption.decrypt(encrypted, other))).toEqual(refusal);
    }
    expect(() => encryption.encrypt("v", { purpose: "" })).toThrow("purpose must be");
    expect(() => encryption.decrypt("v", {} as { purpose: string })).toThrow("purpose must be");
  });

  it("refuses what has expired", () => {
    const clock = new ManualClock();
    const timed = new EncryptionService({ keys: ring("one") }, { clock });
    const encrypted = timed.encrypt("v", { purpose, expiresIn: "1m" });
    expect(timed.inspect(encrypted)).toEqual({
      algorithm: "aes-256-gcm",
      keyId: "one",
      expiresAtMs: clock.now() + 60_000,
    });
    clock.set(clock.now() + 59_999);
    expect(timed.decrypt(encrypted, { purpose }).toString()).toBe("v");
    clock.set(clock.now() + 1);
    expect(caught(() => timed.decrypt(encrypted, { purpose }))).toEqual(refusal);
    expect(() => timed.encrypt("v", { purpose, expiresIn: 0 })).toThrow(RangeError);
  });

  it("decrypts with old keys and encrypts with the newest; .reencrypt() moves over", () => {
    const clock = new ManualClock();
    const before = new EncryptionService({ keys: ring("one") }, { clock });
    const options = { purpose, context: "c" };
    const encrypted = before.encrypt("v", { ...options, expiresIn: "1h" });
    const after = new EncryptionService({ keys: ring("one", "two") }, { clock });
    expect(after.decrypt(encrypted, options).toString()).toBe("v");
    expect(after.inspect(after.encrypt("v", options))?.keyId).toBe("two");

    expect(after.needsReencrypt(encrypted, options)).toBe(true);
    const moved = after.reencrypt(encrypted, options);
    expect(after.inspect(moved)).toEqual({ ...after.inspect(encrypted), keyId: "two" });
    expect(after.reencrypt(moved, options)).toBe(moved);
    const alone = new EncryptionService({ keys: ring("two") }, { clock });
    expect(alone.decrypt(moved, options).toString()).toBe("v");
    expect(caught(() => alone.decrypt(encrypted, options))).toEqual(refusal);
    expect(caught(() => alone.reencrypt(encrypted, options))).toEqual(refusal);
  });

  it("decrypts either algorithm, and .reencrypt() changes it", () => {
    const keys = ring("one");
    const chacha = new EncryptionService({ keys, algorithm: "chacha20-poly1305" });
    const encrypted = chacha.encrypt("v", { purpose });
    expect(encryption.decrypt(encrypted, { purpose }).toString()).toBe("v");
    const moved = encryption.reencrypt(encrypted, { purpose });
    expect(encryption.inspect(moved)?.algorithm).toBe("aes-256-gcm");
  });

  it("works with a weak text, and a list of previous ones", () => {
    const before = new EncryptionService({ key: "before" });
    const after = new EncryptionService({ key: "after", previousKeys: ["before"] });
    const encrypted = before.encrypt("v", { purpose });
    expect(after.decrypt(encrypted, { purpose }).toString()).toBe("v");
    expect(after.needsReencrypt(encrypted, { purpose })).toBe(true);
  });

  it("says what is missing or wrong", () => {
    expect(() => new EncryptionService({})).toThrow("ENCRYPTION_KEY");
    expect(
      () => new EncryptionService({ key: "k", algorithm: "aes-256-cbc" as AeadAlgorithm }),
    ).toThrow('must be "aes-256-gcm" or "chacha20-poly1305", got "aes-256-cbc"');
    expect(() => encryption.encrypt(5 as unknown as string, { purpose })).toThrow(
      "value must be text or bytes, got number",
    );
    const signing = new EncryptionService({ keys: new KeyRing(KeyRing.generate("ed25519")) });
    expect(caught(() => signing.encrypt("v", { purpose }))).toMatchObject({
      code: "ERR_SECURITY_KEY_UNAVAILABLE",
    });
  });

  it("never repeats salt and nonce in a million encryptions of four processes with one key", async () => {
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () => runProgram("encrypt-often", "250000")),
    );
    const seen = new Set<string>();
    for (const output of outputs) {
      expect(output).toHaveLength(28 * 250_000);
      for (let at = 0; at < output.length; at += 28)
        seen.add(output.toString("latin1", at, at + 28));
    }
    expect(seen.size).toBe(1_000_000);
    // and the 96-bit nonces are not the same few under many salts
    const nonces = new Set([...seen].map((each) => each.slice(16)));
    expect(nonces.size).toBe(1_000_000);
  }, 180_000);
});
