import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Files, LocalFileSystem, type WriteOptions } from "@infra/files";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { FileQueueJournal, type FileQueueJournalOptions } from "../src/drivers/file.js";
import {
  WorkQueue,
  type AcceptedRecord,
  type QueueJournal,
  type WorkQueueOptions,
} from "../src/index.js";

let folder: string;
let path: string;
const queues: WorkQueue<unknown, unknown>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "infra-queue-"));
  path = join(folder, "deep", "mail.journal");
});

afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.stop({ signal: AbortSignal.abort() });
  await rm(folder, { recursive: true, force: true });
});

function open<Item = unknown>(
  options: Partial<WorkQueueOptions<Item, unknown>> = {},
  journal: QueueJournal = new FileQueueJournal({ path }),
) {
  const done: Item[] = [];
  const queue = new WorkQueue<Item, unknown>({
    concurrency: 1,
    journal,
    handle: (item) => void done.push(item),
    ...options,
  });
  queues.push(queue as WorkQueue<unknown, unknown>);
  return { queue, done };
}

/** Stops as a process does that is killed: what is in the journal stays there. */
const kill = (queue: { stop: WorkQueue<unknown>["stop"] }): Promise<void> =>
  queue.stop({ signal: AbortSignal.abort() });

describe("a queue with a journal", () => {
  it("what was accepted and not done comes back, in its order, with its key and priority", async () => {
    const first = open();
    first.queue.pause();
    await first.queue.enqueue({ text: "é \n 😀", n: [1, null] }, { key: "k" });
    await first.queue.enqueue("urgent", { priority: 5 });
    await first.queue.enqueue(3);
    await kill(first.queue);

    const second = open();
    second.queue.pause();
    const added: unknown[] = [];
    await second.queue.start();
    second.queue.subscribe((event) => event.type === "started" && added.push(event.key));
    expect(second.queue.stats()).toMatchObject({ recovered: 3, waiting: 3, added: 0 });
    second.queue.resume();
    await second.queue.onIdle();
    expect(second.done).toEqual(["urgent", { text: "é \n 😀", n: [1, null] }, 3]);
    expect(added).toEqual([undefined, "k", undefined]);
    await second.queue.stop();

    const third = open();
    await third.queue.start();
    expect(third.queue.stats().recovered).toBe(0);
  });

  it("add() resolves with the outcome, and its item does not come back", async () => {
    const first = open({ handle: (item) => `done ${String(item)}` });
    expect(await Promise.all([1, 2, 3].map((item) => first.queue.add(item)))).toEqual([
      "done 1",
      "done 2",
      "done 3",
    ]);
    await first.queue.stop();
    const second = open();
    await second.queue.start();
    expect(second.queue.stats().recovered).toBe(0);
  });

  it("what was running when the time was over comes back", async () => {
    const first = open({ handle: () => new Promise(() => {}) });
    await first.queue.enqueue("x");
    expect(first.queue.running).toBe(1);
    expect(await first.queue.drain({ timeout: 0 })).toEqual({ abandoned: 1 });
    await first.queue.stop();
    const second = open();
    await second.queue.start();
    await second.queue.onIdle();
    expect(second.done).toEqual(["x"]);
  });

  it("what was taken back, dropped or refused does not come back", async () => {
    const first = open({ maxWaiting: 2, whenFull: "drop-oldest" });
    first.queue.pause();
    const controller = new AbortController();
    const taken = first.queue.add("taken back", { signal: controller.signal });
    await first.queue.enqueue("dropped");
    controller.abort(new Error("enough"));
    await expect(taken).rejects.toThrow("enough");
    await first.queue.enqueue("kept");
    await first.queue.enqueue("kept too");
    await kill(first.queue);
    const second = open();
    await second.queue.start();
    await second.queue.onIdle();
    expect(second.done).toEqual(["kept", "kept too"]);
  });

  it.each([
    ["before it is written", false],
    ["while it is written", true],
  ])("what is taken back %s does not come back", async (_when, isBegun) => {
    const files = new CountingFiles();
    const { queue, done } = open({}, new FileQueueJournal({ path }, { files: new Files(files) }));
    await queue.start();
    const controller = new AbortController();
    const written = files.holdWrites();
    const taken = queue.add("taken back", { signal: controller.signal });
    const refused = queue.enqueue("taken back too", { signal: controller.signal });
    if (isBegun) await written.begun;
    controller.abort(new Error("enough"));
    written.goOn();
    await expect(taken).rejects.toThrow("enough");
    await expect(refused).rejects.toThrow("enough");
    await queue.enqueue("kept");
    await queue.onIdle();
    expect(done).toEqual(["kept"]);
    expect(queue.stats()).toMatchObject({ added: 1, cancelled: 2, waiting: 0 });
    await queue.stop();
    const second = open();
    await second.queue.start();
    expect(second.queue.stats().recovered).toBe(0);
  });

  it("dead letters stay dead, with their error, until they are tried again or discarded", async () => {
    const failing = {
      handle: () => {
        throw Object.assign(new RangeError("no"), { code: "E_NO" });
      },
    };
    const first = open(failing);
    for (const item of ["a", "b", "c"]) await first.queue.enqueue(item, { key: "k" });
    await first.queue.onIdle();
    await first.queue.stop();

    const second = open();
    await second.queue.start();
    expect(second.done).toEqual([]);
    expect(second.queue.deadLetters()).toMatchObject([
      {
        item: "a",
        key: "k",
        attempts: 1,
        error: { name: "RangeError", message: "no", code: "E_NO" },
      },
      { item: "b" },
      { item: "c" },
    ]);
    expect(await second.queue.retryDeadLetters(({ item }) => item === "a")).toBe(1);
    expect(second.queue.discardDeadLetters(({ item }) => item === "b")).toBe(1);
    await second.queue.onIdle();
    expect(second.done).toEqual(["a"]);
    await second.queue.stop();

    const third = open();
    await third.queue.start();
    expect(third.queue.deadLetters().map(({ item }) => item)).toEqual(["c"]);
    expect(third.queue.stats().recovered).toBe(0);
  });

  it("refuses an item that would not come back equal, and takes what encode makes of it", async () => {
    const { queue } = open();
    for (const item of [new Date(0), { at: undefined }, new Map(), NaN, undefined, { n: 1n }]) {
      await expect(queue.enqueue(item)).rejects.toMatchObject({
        code: "ERR_QUEUE_UNSUPPORTED_ITEM",
      });
    }
    await kill(queue);
    const dates = {
      encode: (item: Date) => item.getTime(),
      decode: (value: unknown) => new Date(value as number),
    };
    const first = open<Date>(dates);
    first.queue.pause();
    await first.queue.enqueue(new Date(5));
    await kill(first.queue);
    const second = open<Date>(dates);
    await second.queue.start();
    await second.queue.onIdle();
    expect(second.done).toEqual([new Date(5)]);
  });

  it("keeps what the item was when it was added, not what was made of it since", async () => {
    const first = open();
    first.queue.pause();
    const item = { n: 1 };
    const accepted = first.queue.enqueue(item);
    item.n = 2;
    await accepted;
    await kill(first.queue);
    const second = open();
    await second.queue.start();
    await second.queue.onIdle();
    expect(second.done).toEqual([{ n: 1 }]);
  });

  it("accepts many with few waits for the disk", async () => {
    const files = new CountingFiles();
    const { queue, done } = open({}, new FileQueueJournal({ path }, { files: new Files(files) }));
    await queue.start();
    files.synced = 0;
    await Promise.all(Array.from({ length: 1000 }, (_, item) => queue.enqueue(item)));
    expect(files.synced).toBe(1);
    await queue.onIdle();
    expect(done).toHaveLength(1000);
  });

  it("a journal that can't be written refuses what is added, and takes it again when it can", async () => {
    const files = new CountingFiles();
    const { queue, done } = open({}, new FileQueueJournal({ path }, { files: new Files(files) }));
    await queue.enqueue("before");
    files.failure = new Error("disk full");
    await expect(queue.enqueue("refused")).rejects.toMatchObject({
      code: "ERR_QUEUE_JOURNAL",
      message: "the journal can't be written: disk full",
    });
    expect(queue.stats()).toMatchObject({ refused: 1, waiting: 0 });
    files.failure = undefined;
    await queue.enqueue("after");
    await queue.onIdle();
    expect(done).toEqual(["before", "after"]);
    await queue.stop();
    const second = open();
    await second.queue.start();
    expect(second.queue.stats().recovered).toBe(0);
  });

  it("one that can't be opened refuses too, and is opened again at the next item", async () => {
    const holder = open();
    await holder.queue.start();
    const { queue, done } = open();
    await expect(queue.start()).rejects.toMatchObject({ code: "ERR_QUEUE_JOURNAL" });
    await expect(queue.enqueue(1)).rejects.toMatchObject({
      code: "ERR_QUEUE_JOURNAL",
      cause: { code: "ERR_FILES_LOCKED" },
    });
    await holder.queue.stop();
    await queue.enqueue(2);
    await queue.onIdle();
    expect(done).toEqual([2]);
  });

  it("tells when it could not be noted that an item is done", async () => {
    const files = new CountingFiles();
    const { queue } = open(
      {
        handle: () => {
          files.failure = new Error("disk gone");
        },
      },
      new FileQueueJournal({ path }, { files: new Files(files) }),
    );
    const told = new Promise((resolve) => {
      queue.subscribe((event) => event.type === "journal-error" && resolve(event.error));
    });
    await queue.enqueue(1);
    expect(await told).toMatchObject({ message: "disk gone" });
    files.failure = undefined;
  });
});

function records(...ids: number[]): AcceptedRecord[] {
  return ids.map((id) => ({ type: "accepted", id, item: `"item ${id}"` }));
}

describe("FileQueueJournal", () => {
  const made: FileQueueJournal[] = [];
  const journalOf = (options: Partial<FileQueueJournalOptions> = {}): FileQueueJournal => {
    const journal = new FileQueueJournal({ path, ...options });
    made.push(journal);
    return journal;
  };

  afterEach(async () => {
    for (const journal of made.splice(0)) await journal.close();
  });

  it("Trap: half a line at the end, or a damaged one, costs no other", async () => {
    const journal = journalOf();
    await journal.open();
    await journal.append(records(1, 2, 3), { durable: true });
    await journal.close();
    const lines = (await readFile(path, "utf8")).split("\n");
    const damaged = [lines[0], lines[1]!.replace("item 2", "item 9"), lines[2], ""].join("\n");
    await rm(path);
    await appendFile(path, damaged);
    await appendFile(path, Buffer.from([0xff, 0xfe, 0x0a]));
    await appendFile(path, lines[0]!.slice(0, 20));
    const again = journalOf();
    expect((await again.open()).accepted.map(({ id }) => id)).toEqual([1, 3]);
    await again.append(records(4), { durable: true });
    await again.close();
    expect((await journalOf().open()).accepted.map(({ id }) => id)).toEqual([1, 3, 4]);
  });

  it("Trap: a write that was cut short does not swallow the next", async () => {
    const files = new CountingFiles();
    const journal = new FileQueueJournal({ path }, { files: new Files(files) });
    made.push(journal);
    await journal.open();
    files.cutAt = 30;
    await expect(journal.append(records(1), { durable: true })).rejects.toThrow("cut");
    files.cutAt = undefined;
    await journal.append(records(2), { durable: true });
    await journal.close();
    expect((await journalOf().open()).accepted.map(({ id }) => id)).toEqual([2]);
  });

  it("is written anew when most of it is done, and keeps what is not", async () => {
    const journal = journalOf({ compactAbove: "4kb" });
    await journal.open();
    await journal.append(records(1, 2), { durable: true });
    await journal.append(
      [{ type: "dead", id: 2, error: { name: "Error", message: "x" }, attempts: 1, failedAt: 0 }],
      { durable: true },
    );
    for (let id = 3; id < 1000; id++) {
      await journal.append([...records(id), { type: "done", id }], { durable: false });
    }
    expect((await stat(path)).size).toBeLessThan(6000);
    await journal.close();
    const { accepted, dead } = await journalOf().open();
    expect(accepted.map(({ id }) => id)).toEqual([1]);
    expect(dead).toMatchObject([{ id: 2, item: '"item 2"', death: { attempts: 1 } }]);
  });

  it("refuses to write when it is not open, and a path that is none", async () => {
    await expect(journalOf().append(records(1), { durable: true })).rejects.toThrow("is not open");
    expect(() => new FileQueueJournal({ path: "" })).toThrow(
      'FileQueueJournal: path must be that of a file, got ""',
    );
  });
});

/** The disk, which counts how often it was waited for and fails when it is told to. */
class CountingFiles extends LocalFileSystem {
  synced = 0;
  failure: Error | undefined;
  /** After so many bytes a write fails. */
  cutAt: number | undefined;
  #held: Promise<void> | undefined;
  #onBegun = (): void => {};

  /** Lets writes wait; `begun` resolves with the first. */
  holdWrites(): { readonly begun: Promise<void>; goOn(): void } {
    let goOn!: () => void;
    this.#held = new Promise<void>((resolve) => (goOn = resolve));
    const begun = new Promise<void>((resolve) => (this.#onBegun = resolve));
    return { begun, goOn };
  }

  override async append(
    file: string,
    content: Uint8Array,
    options: WriteOptions = {},
  ): Promise<void> {
    this.#onBegun();
    await this.#held;
    if (this.failure) throw this.failure;
    if (options.durable !== false) this.synced += 1;
    if (this.cutAt === undefined) return super.append(file, content, options);
    await super.append(file, content.subarray(0, this.cutAt), options);
    throw new Error("cut");
  }
}
