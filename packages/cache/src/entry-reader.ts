import type { Clock } from "@infra/interfaces";

import { headOf, valueOf, type EntryHead, type StoredEntry } from "./stored-entry.js";

/** Options of {@link EntryReader}. */
export interface EntryReaderOptions {
  readonly maxValueBytes: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Reads the texts that a store gives. What is none of ours is missing, and will be written over. */
export class EntryReader {
  readonly #options: EntryReaderOptions;

  constructor(options: EntryReaderOptions) {
    this.#options = options;
  }

  /** What is said of the value, unless it is past its time. */
  head(text: string): EntryHead | undefined {
    try {
      const head = headOf(text);
      return head && head.staleUntil > this.#options.clock.now() ? head : undefined;
    } catch {
      return undefined;
    }
  }

  /** With its value: at once, unless it is compressed. */
  entry(text: string, head: EntryHead): StoredEntry | undefined | Promise<StoredEntry | undefined> {
    const entryOf = (value: unknown): StoredEntry => {
      const { createdAt, freshUntil, staleUntil, tags } = head;
      return { value, createdAt, freshUntil, staleUntil, tags, size: text.length };
    };
    const broken = (error: unknown): undefined => this.#options.onError(error) as undefined;
    try {
      const value = valueOf(text, head, this.#options.maxValueBytes);
      return value instanceof Promise ? value.then(entryOf, broken) : entryOf(value);
    } catch (error) {
      return broken(error);
    }
  }
}
