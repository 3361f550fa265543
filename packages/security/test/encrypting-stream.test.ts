import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { EncryptionService, KeyRing, type AeadAlgorithm } from "../src/index.js";
import { runProgram } from "./run-program.js";

const chunk = 65_536;
const sealedChunk = chunk + 16;
const purpose = "backup";
const keys = new KeyRing({ id: "one", secret: Buffer.alloc(32, 1) });
const encryption = new EncryptionService({ keys });
/** Format, length of the key's name, name, expiry, salt. */
const head = 1 + 1 + 3 + 6 + 32;
const refusal = { code: "ERR_SECURITY_DECRYPTION", message: "it can't be decrypted" };

async function through(bytes: Uint8Array, stream: Transform, piece = chunk) {
  const pieces: Buffer[] = [];
  await pipeline(
    Readable.from(
      (function* cut() {
        for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
      })(),
      { objectMode: false },
    ),
    stream,
    async (source: AsyncIterable<Buffer>) => {
      for await (const each of source) pieces.push(each);
    },
  );
  return Buffer.concat(pieces);
}

const encrypt = (bytes: Uint8Array, options: object = {}) =>
  through(bytes, encryption.encryptStream({ purpose, ...options }));
const decrypt = (bytes: Uint8Array, options: object = {}, piece?: number) =>
  through(bytes, encryption.decryptStream({ purpose, ...options }), piece);

function numbered(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_byte, at) => at % 251));
}

describe(".encryptStream() and .decryptStream()", () => {
  it.each([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 5])(
    "carry %i bytes, in pieces of any size",
    async (length) => {
      const bytes = numbered(length);
      const encrypted = await encrypt(bytes);
      expect(encrypted).toHaveLength(head + length + 16 * Math.max(1, Math.ceil(length / chunk)));
      for (const piece of [1009, sealedChunk, encrypted.length]) {
        expect(bytes.equals(await decrypt(encrypted, {}, piece))).toBe(true);
      }
    },
  );

  it.each<AeadAlgorithm>(["aes-256-gcm", "chacha20-poly1305"])("use %s", async (algorithm) => {
    const other = new EncryptionService({ keys, algorithm });
    const encrypted = await through(numbered(9), other.encryptStream({ purpose }));
    expect(await decrypt(encrypted)).toEqual(numbered(9));
  });

  it("notice every cut", async () => {
    const encrypted = await encrypt(numbered(2 * chunk + 5));
    const cuts = [0, 1, head - 1, head, head + 15, head + 16, head + sealedChunk - 1];
    // whole chunks, only the last or two last of them missing
    cuts.push(head + sealedChunk, head + 2 * sealedChunk, encrypted.length - 1);
    for (const length of cuts) {
      await expect(decrypt(encrypted.subarray(0, length))).rejects.toMatchObject(refusal);
    }
    await expect(decrypt(Buffer.concat([encrypted, Buffer.alloc(1)]))).rejects.toMatchObject(
      refusal,
    );
  });

  it("notice a flipped bit anywhere", async () => {
    const encrypted = await encrypt(numbered(20));
    for (let at = 0; at < encrypted.length; at += 1) {
      const changed = Buffer.from(encrypted);
      changed[at]! ^= 1;
      await expect(decrypt(changed)).rejects.toMatchObject(refusal);
    }
  });

  it("notice chunks that are swapped, doubled, left out, or of another stream", async () => {
    const [a, b] = [await encrypt(numbered(4 * chunk)), await encrypt(numbered(4 * chunk))];
    const chunksOf = (bytes: Buffer) =>
      [0, 1, 2, 3].map((at) =>
        bytes.subarray(head + at * sealedChunk, head + (at + 1) * sealedChunk),
      );
    const [one, two, three, four] = chunksOf(a) as [Buffer, Buffer, Buffer, Buffer];
    const foreign = chunksOf(b)[1]!;
    const start = a.subarray(0, head);
    for (const chunks of [
      [two, one, three, four],
      [one, one, two, three, four],
      [one, three, four],
      [one, two, four],
      [one, foreign, three, four],
    ]) {
      await expect(decrypt(Buffer.concat([start, ...chunks]))).rejects.toMatchObject(refusal);
    }
    expect(await decrypt(Buffer.concat([start, one, two, three, four]))).toHaveLength(4 * chunk);
  });

  it("bind purpose, context, expiry and key", async () => {
    const clock = new ManualClock();
    const timed = new EncryptionService({ keys }, { clock });
    const encrypted = await through(
      numbered(5),
      timed.encryptStream({ purpose, context: "a", expiresIn: "1m" }),
    );
    const open = (options: { purpose: string; context?: string }) =>
      through(encrypted, timed.decryptStream(options));
    expect(await open({ purpose, context: "a" })).toEqual(numbered(5));
    await expect(open({ purpose })).rejects.toMatchObject(refusal);
    await expect(open({ purpose: "other", context: "a" })).rejects.toMatchObject(refusal);
    clock.set(clock.now() + 60_000);
    await expect(open({ purpose, context: "a" })).rejects.toMatchObject(refusal);
    const stranger = new EncryptionService({
      keys: new KeyRing({ id: "one", secret: Buffer.alloc(32, 2) }),
    });
    await expect(
      through(await encrypt(numbered(5)), stranger.decryptStream({ purpose })),
    ).rejects.toMatchObject(refusal);
  });

  it("carry a gigabyte in constant memory", async () => {
    const output = await runProgram("encrypt-gigabyte");
    const { count, grew } = JSON.parse(output.toString()) as { count: number; grew: number };
    expect(count).toBe(2 ** 30);
    expect(grew).toBeLessThan(200 * 2 ** 20);
  }, 180_000);
});
