/** What a journal keeps of an item that was accepted. */
export interface AcceptedRecord {
  readonly type: "accepted";
  readonly id: number;
  /** JSON. */
  readonly item: string;
  readonly key?: string | undefined;
  readonly priority?: number | undefined;
}

/** An item needs to be kept no longer. */
export interface DoneRecord {
  readonly type: "done";
  readonly id: number;
}

/** An item failed for good: it is kept, but is not to be run. */
export interface DeadRecord {
  readonly type: "dead";
  readonly id: number;
  /** As `serialiseError` of `@infra/errors` writes it. */
  readonly error: unknown;
  readonly attempts: number;
  readonly failedAt: number;
}

/** A line of a journal. */
export type JournalRecord = AcceptedRecord | DoneRecord | DeadRecord;

/** An item that failed for good, and how. */
export interface DeadItem extends AcceptedRecord {
  readonly death: DeadRecord;
}

/** What was found in a journal: in the order in which it was accepted, and of the dead ones in which they failed. */
export interface JournalContents {
  readonly accepted: readonly AcceptedRecord[];
  readonly dead: readonly DeadItem[];
}

/** Where a queue keeps what it has accepted. It has one user at a time. */
export interface QueueJournal {
  /**
   * Takes possession of it and reads what is not done.
   *
   * @throws when it can't, or somebody else has it.
   */
  open(options?: { readonly signal?: AbortSignal | undefined }): Promise<JournalContents>;
  /**
   * Keeps records, in their order, after all those before; one call at a time. With `durable` they survive, once it has
   * resolved, whatever the journal promises to survive; otherwise they may be lost with the process.
   */
  append(records: readonly JournalRecord[], options: { readonly durable: boolean }): Promise<void>;
  /** Lets go of it; idempotent. */
  close(): Promise<void>;
}
