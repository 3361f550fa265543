import { isDeepStrictEqual } from "node:util";

import { fromJSON, serialiseError } from "@infra/errors";

import type { KeptLetter } from "./dead-letters.js";
import type { Entry } from "./entry.js";
import { QueueJournalError, UnsupportedItemError } from "./errors.js";
import { JournalWriter } from "./journal-writer.js";
import type { QueueCore } from "./queue-core.js";
import type { AcceptedRecord, DeadItem, QueueJournal } from "./queue-journal.js";

/** Between a queue and its journal: what is accepted goes in, what is done goes out, what was left comes back. */
export class JournalLink<Item, Result> {
  readonly #core: QueueCore<Item, Result>;
  readonly #journal: QueueJournal;
  #opening: Promise<JournalWriter> | undefined;
  #writer: JournalWriter | undefined;
  #nextId = 1;

  constructor(core: QueueCore<Item, Result>, journal: QueueJournal) {
    this.#core = core;
    this.#journal = journal;
  }

  /** @throws QueueJournalError, when it can't be opened or what is in it can't be read. */
  async open(signal?: AbortSignal): Promise<void> {
    await (this.#opening ??= this.#open(signal));
  }

  /** Keeps an entry; calls back when that is safe, or could not be done. */
  accept(entry: Entry<Item, Result>, onKept: (error?: unknown) => void): void {
    this.#keep(entry).then(() => onKept(), onKept);
  }

  /** An entry needs to be kept no longer. */
  done(id: number | undefined): void {
    if (id !== undefined) this.#writer?.note({ type: "done", id });
  }

  dead(death: {
    readonly id: number | undefined;
    readonly error: unknown;
    readonly attempts: number;
    readonly failedAt: number;
  }): void {
    const { id } = death;
    if (id === undefined) return;
    const error = serialiseError(death.error);
    this.#writer?.note({ type: "dead", ...death, id, error });
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#writer?.flush();
    await this.#journal.close();
  }

  async #open(signal: AbortSignal | undefined): Promise<JournalWriter> {
    try {
      const { accepted, dead } = await this.#journal.open({ signal });
      const items = accepted.map((record) => this.#decode(record));
      const letters = dead.map((record) => this.#letterOf(record));
      const writer = new JournalWriter(this.#journal, (error) => this.#onMissed(error));
      this.#writer = writer;
      for (const { id } of [...accepted, ...dead]) this.#nextId = Math.max(this.#nextId, id + 1);
      for (const letter of letters) this.#core.deadLetters.add(letter);
      for (const [at, { key, priority, id }] of accepted.entries()) {
        this.#core.admission.recover(items[at]!, { key, priority }, id);
      }
      return writer;
    } catch (cause) {
      this.#opening = undefined;
      await this.#journal.close();
      throw failure("can't be opened", cause);
    }
  }

  async #keep(entry: Entry<Item, Result>): Promise<void> {
    const { key, priority } = entry;
    const item = this.#encode(entry.item);
    const writer = await (this.#opening ??= this.#open(undefined));
    // who waited for it may have left
    if (entry.state !== "arriving") return;
    const id = this.#nextId++;
    entry.more.journalId = id;
    const record: AcceptedRecord = {
      type: "accepted",
      id,
      item,
      ...(key !== undefined && { key }),
      ...(priority !== 0 && { priority }),
    };
    try {
      await writer.write(record);
    } catch (cause) {
      // it may be there all the same: finishing the entry, which is not accepted, takes it back
      throw failure("can't be written", cause);
    }
  }

  /** @throws UnsupportedItemError when it would not come back equal; what `encode` throws. */
  #encode(item: Item): string {
    const { encode } = this.#core.options;
    const value = encode ? encode(item) : item;
    const text = jsonOf(value);
    if (text !== undefined && isDeepStrictEqual(JSON.parse(text), value)) return text;
    const [what, advice] = encode
      ? ["what encode made of an item", ""]
      : ["an item", ", or there must be encode and decode"];
    throw new UnsupportedItemError(
      `${what} would not come back from the journal equal: it must be plain JSON, without undefined, dates, maps and instances of classes${advice}`,
    );
  }

  #decode({ item }: AcceptedRecord): Item {
    const value: unknown = JSON.parse(item);
    const { decode } = this.#core.options;
    return decode ? decode(value) : (value as Item);
  }

  #letterOf(record: DeadItem): KeptLetter<Item> {
    const { key, priority = 0, id, death } = record;
    const { error, attempts, failedAt } = death;
    const item = this.#decode(record);
    const letter = { item, key, priority, error: fromJSON(error), attempts, failedAt };
    return { letter, journalId: id };
  }

  #onMissed(error: unknown): void {
    this.#core.logger.warn("a queue's journal could not be told what is done", { error });
    if (this.#core.events.wanted) this.#core.events.emit({ type: "journal-error", error });
  }
}

function failure(what: string, cause: unknown): QueueJournalError {
  return new QueueJournalError(`the journal ${what}: ${(cause as Error).message}`, { cause });
}

/** `undefined` for what JSON has no words for. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
