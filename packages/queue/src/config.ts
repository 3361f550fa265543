import { defineSection } from "@infra/interfaces";

/** The configuration of a queue: the section `queue`. */
export const queueConfig = defineSection("queue", {
  concurrency: {
    doc: "How many operations run at once. Unset: 10; of a BatchQueue 1.",
    format: "integer",
    env: "QUEUE_CONCURRENCY",
  },
  maxWaiting: {
    doc: "How many items may wait.",
    format: "integer",
    default: 100_000,
    env: "QUEUE_MAX_WAITING",
  },
  whenFull: {
    doc: "What becomes of an item that finds as many waiting: it is refused, waits for room, or takes the place of the oldest.",
    format: "enum",
    values: ["reject", "block", "drop-oldest"],
    default: "reject",
    env: "QUEUE_WHEN_FULL",
  },
  attempts: {
    doc: "How often an operation is tried in all.",
    format: "integer",
    default: 1,
    env: "QUEUE_ATTEMPTS",
  },
  timeout: {
    doc: "How long one attempt may take. Unset: as long as it takes.",
    format: "duration",
    env: "QUEUE_TIMEOUT",
  },
  stopTimeout: {
    doc: "How long stopping waits for what has been accepted.",
    format: "duration",
    default: "10s",
    env: "QUEUE_STOP_TIMEOUT",
  },
});
