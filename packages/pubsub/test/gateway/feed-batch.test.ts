import { describe, expect, it } from "@jest/globals";

import { FeedBatch } from "../../src/gateway/feed-batch.js";

/** The texts of the frames of a server, one after the other. */
function textsOf(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== 0x81) throw new Error("it is no whole frame of text");
    let size = bytes[at + 1]!;
    at += 2;
    if (size === 126) {
      size = bytes.readUInt16BE(at);
      at += 2;
      if (size < 126) throw new Error("its head is longer than it may be");
    } else if (size === 127) {
      size = Number(bytes.readBigUInt64BE(at));
      at += 8;
      if (size < 65_536) throw new Error("its head is longer than it may be");
    }
    texts.push(bytes.toString("utf8", at, at + size));
    at += size;
  }
  return texts;
}

describe("FeedBatch.encoded", () => {
  it.each([
    ["short", 0],
    ["of 126 bytes", 60],
    ["of 65536 bytes", 65_460],
  ])("is frames whose heads fit at every length: %s", (_title, from) => {
    const entries = Array.from({ length: 100 }, (_, at) => ({
      topic: "a",
      message: `${"x".repeat(from + at)}ü`,
      id: "i",
      publishedAt: 1,
      cursor: undefined,
    }));
    const { text, options } = new FeedBatch("a", entries).encoded;
    const packets = entries.map(({ message }) => `42["m","a",${JSON.stringify(message)},"i",1]`);
    expect(textsOf(Buffer.concat(options.wsPreEncodedFrame))).toEqual(packets);
    expect(`4${text}`.split("\u001e")).toEqual(packets);
  });
});
