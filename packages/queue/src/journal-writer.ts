import { deferred, type Deferred } from "@infra/promises";

import type { JournalRecord, QueueJournal } from "./queue-journal.js";

/** Writes records in groups: what comes while one group is written goes with the next, and they wait for the disk together. */
export class JournalWriter {
  readonly #journal: QueueJournal;
  readonly #onMissed: (error: unknown) => void;
  #records: JournalRecord[] = [];
  /** What nobody waits for and could not be written: it goes with the next group. */
  #missed: JournalRecord[] = [];
  #acknowledgement: Deferred<void> | undefined;
  #writing: Promise<void> | undefined;

  /** @param onMissed - told when records could not be written that nobody waits for. */
  constructor(journal: QueueJournal, onMissed: (error: unknown) => void) {
    this.#journal = journal;
    this.#onMissed = onMissed;
  }

  /** Writes a record, and resolves when it is safe. */
  write(record: JournalRecord): Promise<void> {
    this.#acknowledgement ??= deferred();
    const { promise } = this.#acknowledgement;
    this.note(record);
    return promise;
  }

  /** Writes a record soon. */
  note(record: JournalRecord): void {
    this.#records.push(record);
    this.#writing ??= this.#write();
  }

  /** Resolves when everything has been written, or could not be. */
  async flush(): Promise<void> {
    if (this.#missed.length > 0) this.#writing ??= this.#write();
    while (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    // all that comes in this turn of the event loop goes together
    await new Promise((resolve) => void setImmediate(resolve));
    do {
      const records = [...this.#missed, ...this.#records];
      const acknowledgement = this.#acknowledgement;
      this.#records = [];
      this.#missed = [];
      this.#acknowledgement = undefined;
      try {
        await this.#journal.append(records, { durable: acknowledgement !== undefined });
        acknowledgement?.resolve();
      } catch (error) {
        acknowledgement?.reject(error);
        this.#missed = records.filter(({ type }) => type !== "accepted");
        if (this.#missed.length > 0) this.#onMissed(error);
      }
    } while (this.#records.length > 0);
    this.#writing = undefined;
  }
}
