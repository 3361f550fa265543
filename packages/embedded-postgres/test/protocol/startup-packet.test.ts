import { describe, expect, it } from "@jest/globals";

import { int32 } from "../../src/protocol/frame.js";
import { readStartupPacket } from "../../src/protocol/startup-packet.js";

const packet = (code: number, ...words: string[]) =>
  Buffer.concat([
    int32(code),
    Buffer.from(words.map((word) => `${word}\0`).join("")),
    Buffer.alloc(1),
  ]);

describe("readStartupPacket", () => {
  it("reads who connects, and the settings asked for", () => {
    const options = String.raw`-c search_path="a\ b" --statement-timeout=5s -cx.y=1`;
    const read = readStartupPacket(
      packet(0x30000, "user", "me", "options", options, "TimeZone", "UTC"),
    );
    expect(read).toEqual({
      kind: "startup",
      minorVersion: 0,
      user: "me",
      database: "me",
      protocolOptions: [],
      settings: new Map([
        ["search_path", '"a b"'],
        ["statement_timeout", "5s"],
        ["x.y", "1"],
        ["timezone", "UTC"],
      ]),
    });
  });

  it("knows a newer minor version and the options of the protocol", () => {
    const read = readStartupPacket(packet(0x30002, "user", "me", "_pq_.new", "1"));
    expect(read).toMatchObject({ minorVersion: 2, protocolOptions: ["_pq_.new"] });
  });

  it.each([
    ["encryption", 80_877_103],
    ["encryption", 80_877_104],
    ["cancel", 80_877_102],
    ["unsupported", 0x20000],
  ])("tells a request for %s", (kind, code) => {
    expect(readStartupPacket(packet(code))).toEqual({ kind });
  });
});
