import { defineErrors, InternalError, shape, TimeoutError, UnavailableError } from "@infra/errors";

/** The errors of this package. */
export const queueErrors = defineErrors({
  QueueFullError: {
    code: "ERR_QUEUE_FULL",
    when: 'As many items wait as `maxWaiting` allows, with `whenFull: "reject"`; or as many callers wait for room as `maxBlocked` allows.',
    extends: UnavailableError,
    details: shape<{ readonly maxWaiting: number }>(),
  },
  ItemDroppedError: {
    code: "ERR_QUEUE_DROPPED",
    when: 'An item that waited was dropped: for a newer one, with `whenFull: "drop-oldest"`, or by `clear()`.',
    extends: UnavailableError,
  },
  QueueStoppedError: {
    code: "ERR_QUEUE_STOPPED",
    when: "The queue takes nothing more, or gave the item up when its time to drain was over.",
    extends: UnavailableError,
  },
  OperationTimeoutError: {
    code: "ERR_QUEUE_TIMEOUT",
    when: "An operation took longer than `timeout`.",
    extends: TimeoutError,
    details: shape<{ readonly timeoutMs: number }>(),
  },
  QueueJournalError: {
    code: "ERR_QUEUE_JOURNAL",
    when: "The journal can't be opened, read or written, so that nothing is accepted: see `cause`.",
    extends: UnavailableError,
  },
  UnsupportedItemError: {
    code: "ERR_QUEUE_UNSUPPORTED_ITEM",
    when: "An item would not come back from the journal equal: it is no plain JSON, and no `encode` makes it so.",
    extends: InternalError,
  },
});

/** As many wait as may. */
export const QueueFullError = queueErrors.classes.QueueFullError;
export type QueueFullError = InstanceType<typeof QueueFullError>;

/** An item that waited was dropped. */
export const ItemDroppedError = queueErrors.classes.ItemDroppedError;
export type ItemDroppedError = InstanceType<typeof ItemDroppedError>;

/** The queue has been stopped. */
export const QueueStoppedError = queueErrors.classes.QueueStoppedError;
export type QueueStoppedError = InstanceType<typeof QueueStoppedError>;

/** An operation took longer than it may, and was aborted. */
export const OperationTimeoutError = queueErrors.classes.OperationTimeoutError;
export type OperationTimeoutError = InstanceType<typeof OperationTimeoutError>;

/** The journal failed; the `cause` says how. */
export const QueueJournalError = queueErrors.classes.QueueJournalError;
export type QueueJournalError = InstanceType<typeof QueueJournalError>;

/** An item can't be kept in the journal such that it comes back equal. */
export const UnsupportedItemError = queueErrors.classes.UnsupportedItemError;
export type UnsupportedItemError = InstanceType<typeof UnsupportedItemError>;
