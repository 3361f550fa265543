export { BaseQueue, type DrainOptions, type DrainReport } from "./base-queue.js";
export type { BatchContext } from "./batch.js";
export type { BatchHandler, BatchResults } from "./batch-operator.js";
export { BatchQueue, type BatchQueueOptions } from "./batch-queue.js";
export { queueConfig } from "./config.js";
export type { DeadLetter } from "./dead-letters.js";
export {
  ItemDroppedError,
  OperationTimeoutError,
  queueErrors,
  QueueFullError,
  QueueJournalError,
  QueueStoppedError,
  UnsupportedItemError,
} from "./errors.js";
export type { Handler, OperationContext } from "./item-operator.js";
export type { QueueEvent } from "./queue-events.js";
export type {
  AcceptedRecord,
  DeadItem,
  DeadRecord,
  DoneRecord,
  JournalContents,
  JournalRecord,
  QueueJournal,
} from "./queue-journal.js";
export type {
  AddOptions,
  ItemQueueOptions,
  QueueDependencies,
  QueueOptions,
} from "./queue-options.js";
export type { QueueCounts, QueueStats } from "./queue-stats.js";
export type { RateLimit } from "./rate-limit.js";
export type { RateLimiter, RateLimitOptions } from "./rate-limiter.js";
export { SlidingWindow } from "./sliding-window.js";
export { TaskQueue, type Task } from "./task-queue.js";
export { TokenBucket, type TokenBucketOptions } from "./token-bucket.js";
export { WorkQueue, type WorkQueueOptions } from "./work-queue.js";
