import { describe, expect, it } from "@jest/globals";

import { open, seal, type AeadAlgorithm } from "../src/aead.js";
import { hex, readVectors, type Vector } from "./vectors.js";

const vectors = readVectors<readonly Vector[]>("aead").map(
  (vector) => [vector.source, vector] as const,
);

describe("seal() and open()", () => {
  it.each(vectors)("agree with %s", (_source, vector) => {
    const algorithm = vector["algorithm"] as AeadAlgorithm;
    const input = {
      key: hex(vector["key"]),
      nonce: hex(vector["nonce"]),
      associated: hex(vector["associated"]),
    };
    expect(seal(algorithm, input, hex(vector["plain"])).toString("hex")).toBe(vector["sealed"]);
    expect(open(algorithm, input, hex(vector["sealed"]))?.toString("hex")).toBe(vector["plain"]);
  });

  it("open() refuses a tag of four bytes, which Node.js takes for a whole one", () => {
    const input = {
      key: Buffer.alloc(32),
      nonce: Buffer.alloc(12),
      associated: Buffer.alloc(0),
    };
    const sealed = seal("aes-256-gcm", input, Buffer.alloc(0));
    for (let length = 0; length < sealed.length; length += 1) {
      expect(open("aes-256-gcm", input, sealed.subarray(0, length))).toBeUndefined();
    }
  });
});
