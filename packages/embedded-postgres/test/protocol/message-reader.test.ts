import { describe, expect, it } from "@jest/globals";

import { MessageReader } from "../../src/protocol/message-reader.js";
import { queryMessage, syncMessage } from "../../src/protocol/messages.js";

describe("MessageReader", () => {
  it.each([1, 2, 3, 5, 7, 100])("cuts messages that arrive in pieces of %i bytes", (size) => {
    const messages = [queryMessage("select 1"), syncMessage(), queryMessage("x".repeat(300))];
    const bytes = Buffer.concat(messages);
    const reader = new MessageReader();
    const read: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      reader.push(bytes.subarray(at, at + size));
      for (let next = reader.nextMessage(); next; next = reader.nextMessage()) read.push(next);
    }
    expect(read).toEqual(messages);
  });

  it("refuses a length that no message has", () => {
    for (const bytes of [Buffer.from([0x51, 0, 0, 0, 3]), Buffer.from("GET / HTTP/1.1\r\n")]) {
      const reader = new MessageReader();
      reader.push(bytes);
      expect(() => reader.nextMessage()).toThrow(RangeError);
    }
  });
});
