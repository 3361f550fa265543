import { defineSection } from "@infra/interfaces";

/** The configuration of publish and subscribe: the section `pubsub`. */
export const pubsubConfig = defineSection("pubsub", {
  url: {
    doc: "What carries messages between processes: redis://host:6379, postgres://user:password@host:5432/name, database: (the bound Database), or memory: for this process alone. Unset: what REDIS_URL says, else memory:.",
    format: "string",
    env: "PUBSUB_URL",
    sensitive: true,
  },
  redisUrl: {
    doc: "The Redis that is used when PUBSUB_URL is unset.",
    format: "string",
    env: "REDIS_URL",
    sensitive: true,
  },
  prefix: {
    doc: "What all channels and keys begin with, so that several applications can share one engine.",
    format: "string",
    default: "pubsub",
    env: "PUBSUB_PREFIX",
  },
  durable: {
    doc: "Topics and patterns whose messages are kept, so that a subscriber can go on after a cursor.",
    format: "list",
    default: [],
    env: "PUBSUB_DURABLE",
  },
  keepMessages: {
    doc: "Messages of each durable topic that are kept at the least.",
    format: "integer",
    default: 10_000,
    env: "PUBSUB_KEEP_MESSAGES",
  },
  keepFor: {
    doc: "How long a durable topic is kept after the last message on it.",
    format: "duration",
    default: "1d",
    env: "PUBSUB_KEEP_FOR",
  },
  maxPending: {
    doc: "Messages that wait for a listener that is busy, at the most.",
    format: "integer",
    default: 1_000,
  },
  maxMessageBytes: {
    doc: "What a message may take at the most.",
    format: "bytes",
    default: "1mb",
  },
  failure: {
    doc: "What an engine that can't be reached means: messages that are not kept go to this process alone, or publish rejects.",
    format: "enum",
    values: ["local", "throw"],
    default: "local",
    env: "PUBSUB_FAILURE",
  },
  timeout: {
    doc: "How long the engine may take to answer, and to connect at the start.",
    format: "duration",
    default: "5s",
  },
});
