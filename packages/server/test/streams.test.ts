import { Readable } from "node:stream";

import { afterEach, describe, expect, it } from "@jest/globals";

import { RawClient, until } from "./clients.js";
import { cleanUp, createServerManager } from "./fixture.js";

afterEach(cleanUp);

const piece = Buffer.alloc(64 * 1024, "x");

/** Pieces without end; how many were made, and whether somebody still wants more. */
function endless() {
  const seen = { made: 0, open: true };
  const pieces = (async function* () {
    try {
      for (;;) {
        seen.made += 1;
        yield piece;
      }
    } finally {
      seen.open = false;
    }
  })();
  return { seen, pieces };
}

function failing(before: readonly string[]) {
  return Readable.from(
    (async function* () {
      yield* before;
      throw new Error("lost");
    })(),
  );
}

describe("a handler that returns a stream", () => {
  it.each([
    ["of Node.js", (pieces: AsyncGenerator<Buffer>) => Readable.from(pieces)],
    ["of the web", (pieces: AsyncGenerator<Buffer>) => ReadableStream.from(pieces)],
  ])(
    "%s: is read as fast as the client reads, and closed when the client is gone",
    async (_title, toStream) => {
      const { seen, pieces } = endless();
      const server = createServerManager();
      let signal: AbortSignal | undefined;
      server.get("/", (request) => {
        ({ signal } = request);
        return toStream(pieces);
      });
      await server.start();
      const client = new RawClient(server.url!);
      client.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await until(() => client.received.length > 1_000_000);
      client.socket.pause();
      let before = -1;
      // it makes no more once what lies between is full
      await until(() => {
        const same = seen.made === before;
        before = seen.made;
        return same;
      });
      expect(seen.made).toBeLessThan(1_000);
      client.socket.destroy();
      await until(() => !seen.open);
      expect(signal!.aborted).toBe(true);
    },
  );

  it("that fails is a 500 before its first byte, and cuts the connection after it", async () => {
    const server = createServerManager();
    server.get("/at-once", () => failing([]));
    server.get("/later", () => failing(["half"]));
    await server.start();
    const answer = await fetch(`${server.url}/at-once`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("lost");
    await expect(fetch(`${server.url}/later`).then((each) => each.text())).rejects.toThrow(
      /terminated|fetch failed/,
    );
  });
});
