import { dirname } from "node:path";

import { type FileLock, Files } from "@infra/files";
import { toBytes, type ByteSize, type Duration } from "@infra/interfaces";

import { fromJournalLine, toJournalLine } from "../journal-line.js";
import type {
  AcceptedRecord,
  DeadItem,
  JournalContents,
  JournalRecord,
  QueueJournal,
} from "../queue-journal.js";

/** Options of {@link FileQueueJournal}. */
export interface FileQueueJournalOptions {
  /** The file. It and its directory are made when they are missing. */
  readonly path: string;
  /** Whether what is accepted survives a power cut, and not only the end of the process. @default true */
  readonly durable?: boolean | undefined;
  /** How much that is done may stand in the file before it is written anew without it. @default "4mb" */
  readonly compactAbove?: ByteSize | undefined;
  /** How long to wait for another process to let go of the file. @default 0, an error at once */
  readonly lockWait?: Duration | undefined;
}

/** Collaborators of {@link FileQueueJournal}. */
export interface FileQueueJournalDependencies {
  /** @default the disk */
  readonly files?: Files | undefined;
}

/** An item that is still wanted: what it takes of the file, and how it died, if it did. */
interface Kept {
  bytes: number;
  death: string | undefined;
}

/**
 * A journal in one file, a line for each record, added to the end: one process at a time has it, by a lock. A line that was
 * cut off or damaged is known by its checksum and left out.
 *
 * @throws RangeError or TypeError from the constructor when an option can't be.
 */
export class FileQueueJournal implements QueueJournal {
  readonly #path: string;
  readonly #durable: boolean;
  readonly #compactAbove: number;
  readonly #lockWait: Duration;
  readonly #files: Files;
  readonly #kept = new Map<number, Kept>();
  #lock: FileLock | undefined;
  #keptBytes = 0;
  #fileBytes = 0;
  /** The end of the file may be half a line. */
  #isCut = false;

  constructor(options: FileQueueJournalOptions, deps: FileQueueJournalDependencies = {}) {
    const { path, durable = true, compactAbove = "4mb", lockWait = 0 } = options;
    if (typeof path !== "string" || path === "") {
      throw new TypeError(
        `FileQueueJournal: path must be that of a file, got ${JSON.stringify(path)}`,
      );
    }
    this.#path = path;
    this.#durable = durable;
    this.#compactAbove = toBytes(compactAbove, "FileQueueJournal: compactAbove");
    this.#lockWait = lockWait;
    this.#files = deps.files ?? new Files();
  }

  async open(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<JournalContents> {
    const { signal } = options;
    await this.#files.makeDirectory(dirname(this.#path));
    this.#lock ??= await this.#files.lock(this.#path, {
      wait: this.#lockWait,
      ...(signal && { signal }),
    });
    const contents = await this.#read();
    await this.#compact();
    return contents;
  }

  async append(
    records: readonly JournalRecord[],
    { durable }: { readonly durable: boolean },
  ): Promise<void> {
    if (!this.#lock) throw new Error(`the journal ${this.#path} is not open`);
    this.#lock.signal.throwIfAborted();
    const lines = records.map(toJournalLine);
    const text = (this.#isCut ? "\n" : "") + lines.join("");
    this.#isCut = true;
    await this.#files.append(this.#path, text, { durable: durable && this.#durable });
    this.#isCut = false;
    this.#fileBytes += text.length;
    for (const [at, record] of records.entries()) this.#count(record, lines[at]!);
    const doneBytes = this.#fileBytes - this.#keptBytes;
    // what is wanted is copied too: so it pays
    if (doneBytes > this.#compactAbove && doneBytes > this.#keptBytes) await this.#compact();
  }

  async close(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.release();
  }

  async #read(): Promise<JournalContents> {
    const accepted = new Map<number, AcceptedRecord>();
    const dead = new Map<number, DeadItem>();
    this.#kept.clear();
    this.#keptBytes = 0;
    for await (const line of this.#lines()) {
      const record = fromJournalLine(line);
      if (!record) continue;
      this.#count(record, line);
      const { id } = record;
      if (record.type === "accepted") {
        accepted.set(id, record);
        continue;
      }
      const item = accepted.get(id);
      if (record.type === "done") dead.delete(id);
      else if (item) dead.set(id, { ...item, death: record });
      accepted.delete(id);
    }
    return { accepted: [...accepted.values()], dead: [...dead.values()] };
  }

  #count(record: JournalRecord, line: string): void {
    const { type, id } = record;
    const kept = this.#kept.get(id);
    if (type === "accepted") {
      this.#kept.set(id, { bytes: line.length, death: undefined });
      this.#keptBytes += line.length;
    } else if (kept && type === "dead") {
      kept.death = line;
      kept.bytes += line.length;
      this.#keptBytes += line.length;
    } else if (kept) {
      this.#kept.delete(id);
      this.#keptBytes -= kept.bytes;
    }
  }

  /** Writes the file anew, in one step, with only what is still wanted. */
  async #compact(): Promise<void> {
    await this.#files.write(this.#path, this.#keptLines(), { durable: this.#durable });
    this.#fileBytes = this.#keptBytes;
    this.#isCut = false;
  }

  async *#keptLines(): AsyncGenerator<string> {
    for await (const line of this.#lines()) {
      const record = fromJournalLine(line);
      const kept = record?.type === "accepted" ? this.#kept.get(record.id) : undefined;
      if (kept) yield line + (kept.death ?? "");
    }
  }

  /** The lines with their ends; of the last one perhaps a part. */
  async *#lines(): AsyncGenerator<string> {
    if (!(await this.#files.exists(this.#path))) return;
    let rest = "";
    // all that is written is ASCII: what is not is damage, for the checksum to tell
    for await (const chunk of this.#files.readStream(this.#path)) {
      const lines = (rest + (chunk as Buffer).toString("latin1")).split("\n");
      rest = lines.pop()!;
      for (const line of lines) yield `${line}\n`;
    }
    if (rest !== "") yield rest;
  }
}
