import assert from "node:assert/strict";

import type { LogEntry, LogTransport } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";

/** A transport, and what became of its lines. */
export interface LogTransportUnderTest {
  readonly transport: LogTransport;
  /** The lines that have arrived, the oldest first, each as the JSON that it was handed over as. */
  readonly read: () => readonly string[] | Promise<readonly string[]>;
  /** Ends what the test needed beside the transport. */
  readonly close?: () => void | Promise<void>;
}

/**
 * The tests that every `LogTransport` passes. It is handed lines as a logger does it: by `writeLine` if it has that, else
 * by `logBatch`, else by `log`, the next ones when what it returned has settled.
 *
 * @param create a new one that has not taken anything.
 */
export function describeLogTransportContract(
  name: string,
  create: () => LogTransportUnderTest | Promise<LogTransportUnderTest>,
): void {
  describe(`LogTransport contract: ${name}`, () => {
    const opened: LogTransportUnderTest[] = [];
    const test = (title: string, body: (made: LogTransportUnderTest) => Promise<void>): void =>
      it(title, async () => {
        const made = await create();
        opened.push(made);
        await body(made);
      });
    afterEach(async () => {
      for (const { transport, close } of opened.splice(0)) {
        await transport.close?.();
        await close?.();
      }
    });

    test("has all lines, whole and in order, when flush() resolves", async ({
      transport,
      read,
    }) => {
      const entries = Array.from({ length: 250 }, (_, at) => entryOf(`line ${at}`));
      await hand(transport, entries);
      await transport.flush?.();
      assert.deepEqual(await read(), linesOf(entries));
    });

    test("takes lines one by one, at any time", async ({ transport, read }) => {
      const [first, second] = [entryOf("first"), entryOf("second")];
      await transport.log(first);
      await transport.flush?.();
      assert.deepEqual(await read(), linesOf([first]));
      await transport.log(second);
      await transport.flush?.();
      assert.deepEqual(await read(), linesOf([first, second]));
    });

    test("keeps a line one line, whatever is in it", async ({ transport, read }) => {
      const entries = ["a\nb\r\nc", 'quoted " and \\', "größe 🙂", "\u2028", ""].map(entryOf);
      await hand(transport, entries);
      await transport.flush?.();
      assert.deepEqual(await read(), linesOf(entries));
    });

    test("keeps its lines when it is closed", async ({ transport, read }) => {
      const entry = entryOf("last words");
      await hand(transport, [entry]);
      await transport.flush?.();
      await transport.close?.();
      assert.deepEqual(await read(), linesOf([entry]));
    });

    test("can be flushed and closed without a line", async ({ transport, read }) => {
      await transport.flush?.();
      await transport.close?.();
      assert.deepEqual(await read(), []);
    });
  });
}

const linesOf = (entries: readonly LogEntry[]): string[] => entries.map(({ line }) => line);

/** Frozen, as a logger's are. */
function entryOf(message: string): LogEntry {
  const fields = { timestamp: "2026-01-02T03:04:05.678Z", level: "info", message, user: 7 };
  return Object.freeze({
    level: "info",
    message,
    meta: Object.freeze({ user: 7 }),
    timestamp: new Date(fields.timestamp),
    // JSON lets it through, a logger does not
    line: JSON.stringify(fields).replaceAll("\u2028", String.raw`\u2028`),
  });
}

async function hand(transport: LogTransport, entries: readonly LogEntry[]): Promise<void> {
  if (transport.writeLine !== undefined) {
    for (const { line } of entries) transport.writeLine(line);
    return;
  }
  const size = transport.logBatch === undefined ? 1 : (transport.batchSize ?? 1);
  for (let at = 0; at < entries.length; at += size) {
    const batch = entries.slice(at, at + size);
    await (transport.logBatch ? transport.logBatch(batch) : transport.log(batch[0]!));
  }
}
