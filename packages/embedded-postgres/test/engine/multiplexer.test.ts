import type { Duplex } from "node:stream";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { EmbeddedPostgres } from "../../src/index.js";
import { cstring, frame, frameEnd, int32, messageType } from "../../src/protocol/frame.js";
import { queryMessage, syncMessage } from "../../src/protocol/messages.js";

jest.setTimeout(60_000);

/** A client that speaks the protocol by hand. */
class RawClient {
  readonly stream: Duplex & { connect(): void };
  ended = false;
  #received = Buffer.alloc(0);

  constructor(server: EmbeddedPostgres) {
    this.stream = server.pgConfig().stream() as RawClient["stream"];
    this.stream.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.stream.on("close", () => (this.ended = true));
    this.stream.connect();
    const body = Buffer.concat([
      int32(0x30000),
      Buffer.from("user\0postgres\0database\0postgres\0\0"),
    ]);
    this.stream.write(Buffer.concat([int32(body.length + 4), body]));
  }

  /** Sends messages, and returns what comes up to ReadyForQuery, or to the end: the types, and the rows' text. */
  async send(...messages: Buffer[]): Promise<string> {
    this.#received = Buffer.alloc(0);
    if (messages.length > 0) this.stream.write(Buffer.concat(messages));
    for (;;) {
      const { seen, done } = this.#read();
      if (done || this.ended) return seen;
      await new Promise((resolve) => this.stream.once("data", resolve).once("close", resolve));
    }
  }

  #read(): { seen: string; done: boolean } {
    let seen = "";
    let done = false;
    const bytes = this.#received;
    for (let at = 0; at < bytes.length; at = frameEnd(bytes, at)) {
      const type = String.fromCharCode(bytes[at]!);
      seen += type === "D" ? `(${bytes.toString("utf8", at + 11, frameEnd(bytes, at))})` : type;
      if (type === "E") seen += /C(\w{5})\0/.exec(bytes.toString("utf8", at))![1];
      done = type === "Z";
    }
    return { seen, done };
  }
}

const parse = (name: string, sql: string) =>
  frame(messageType.parse, cstring(name), cstring(sql), Buffer.alloc(2));
const bind = (name: string) => frame(messageType.bind, cstring(""), cstring(name), Buffer.alloc(6));
const execute = () => frame(messageType.execute, cstring(""), int32(0));
const flush = () => frame(messageType.flush);

describe("Multiplexer, by the protocol", () => {
  let server: EmbeddedPostgres;
  let a: RawClient;
  let b: RawClient;

  beforeAll(async () => {
    server = await EmbeddedPostgres.open({ thread: false, lockWaitTimeout: "50ms" });
    a = new RawClient(server);
    b = new RawClient(server);
    await Promise.all([a.send(), b.send()]);
  });

  afterAll(() => server.close());

  it("keeps the unnamed statements of sessions apart", async () => {
    expect(await a.send(parse("", "select 'a'"), syncMessage())).toBe("1Z");
    expect(await b.send(parse("", "select 'b'"), syncMessage())).toBe("1Z");
    expect(await a.send(bind(""), execute(), syncMessage())).toBe("2(a)CZ");
    expect(await b.send(bind(""), execute(), syncMessage())).toBe("2(b)CZ");
    expect(await b.send(queryMessage("set application_name = 'b'"))).toMatch(/^C.*Z$/);
    expect(await a.send(bind(""), execute(), syncMessage())).toBe("2(a)CZ");
  });

  it("holds the backend for a request that is flushed and not yet ended", async () => {
    a.stream.write(Buffer.concat([parse("", "select 'a'"), bind(""), flush()]));
    expect(await b.send(parse("", "select 1"), flush(), syncMessage())).toBe("E55P03Z");
    expect(await a.send(execute(), syncMessage())).toBe("(a)CZ");
    expect(await b.send(queryMessage("select 'b'"))).toBe("T(b)CZ");
  });

  it("refuses the COPY that it cannot serve, and goes on", async () => {
    await a.send(queryMessage("create table copied(x int)"));
    const copy = "copy copied from stdin";
    expect(await a.send(queryMessage(`begin; ${copy}`))).toBe("E0A000Z");
    expect(await a.send(parse("", copy), bind(""), execute(), syncMessage())).toBe("E0A000Z");
    expect(await a.send(queryMessage("select 'a'"))).toBe("T(a)CZ");
  });

  it.each([
    ["an unknown type", frame(0x7a)],
    ["an impossible length", Buffer.from([0x51, 0, 0, 0, 1])],
  ])("ends the session that sends a message of %s, and no other", async (_name, message) => {
    const client = new RawClient(server);
    await client.send();
    expect(await client.send(message)).toBe("E08P01");
    expect(await b.send(queryMessage("select 'b'"))).toBe("T(b)CZ");
  });
});
