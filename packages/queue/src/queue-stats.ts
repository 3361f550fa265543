/** What a queue has done since it was made. */
export interface QueueCounts {
  /** Items accepted. */
  added: number;
  /** Items that joined one that was there. */
  joined: number;
  succeeded: number;
  /** Items that failed for good. */
  failed: number;
  /** Attempts that failed and were followed, or are to be, by another. */
  retried: number;
  /** Items that found no room. */
  refused: number;
  /** Items dropped while they waited. */
  dropped: number;
  /** Items that nobody waited for any more. */
  cancelled: number;
  /** Items that came back from the journal. */
  recovered: number;
  /** Calls of the handler. */
  operations: number;
}

/** How a queue stands, and what it has done. */
export interface QueueStats extends Readonly<QueueCounts> {
  /** Items accepted that have not begun, those between two attempts included. */
  readonly waiting: number;
  /** Those among them that are between two attempts. */
  readonly delayed: number;
  readonly running: number;
  /** Callers that wait for room. */
  readonly blocked: number;
  readonly deadLetters: number;
  /** For how long the one has waited that waits longest. */
  readonly oldestMs: number;
}

export function newCounts(): QueueCounts {
  return {
    added: 0,
    joined: 0,
    succeeded: 0,
    failed: 0,
    retried: 0,
    refused: 0,
    dropped: 0,
    cancelled: 0,
    recovered: 0,
    operations: 0,
  };
}
