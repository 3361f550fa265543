import { defineSection } from "@infra/interfaces";

/** The configuration of a cache: the section `cache`. */
export const cacheConfig = defineSection("cache", {
  url: {
    doc: "Where values are shared: redis://host:6379, postgres://user:password@host:5432/name, database: (the bound Database), or memory: for not at all. Unset: what REDIS_URL says, else memory:.",
    format: "string",
    env: "CACHE_URL",
    sensitive: true,
  },
  redisUrl: {
    doc: "The Redis that is used when CACHE_URL is unset.",
    format: "string",
    env: "REDIS_URL",
    sensitive: true,
  },
  prefix: {
    doc: "What all keys in a shared store begin with, so that several applications can share one.",
    format: "string",
    default: "cache",
    env: "CACHE_PREFIX",
  },
  ttl: {
    doc: "How long a value is fresh.",
    format: "duration",
    default: "5m",
    env: "CACHE_TTL",
  },
  jitter: {
    doc: "By up to which part a value's time is shortened at random, so that not all end at once; 0 to 1.",
    format: "number",
    default: 0,
  },
  negativeTtl: {
    doc: "How long undefined and null of a loader are fresh. Unset: like any other value; 0: not kept.",
    format: "duration",
  },
  grace: {
    doc: "How long a stale value may still be served when its loader fails.",
    format: "duration",
    default: 0,
    env: "CACHE_GRACE",
  },
  graceBackoff: {
    doc: "How long a loader that failed is left alone while a stale value can be served; doubled at each further failure, up to a minute.",
    format: "duration",
    default: "1s",
  },
  softTimeout: {
    doc: "How long to wait for a loader before a stale value is served. Unset: until it is done.",
    format: "duration",
  },
  hardTimeout: {
    doc: "How long a loader may take at all.",
    format: "duration",
    default: "30s",
  },
  refreshAhead: {
    doc: "After which part of its time a value that is read is loaded anew in the background; 0 to 1. Unset: never.",
    format: "number",
  },
  memory: {
    doc: "Whether the process remembers values. Unset: when nothing is shared, or other processes can say what to forget.",
    format: "boolean",
  },
  memoryMaxEntries: {
    doc: "Values in memory at the most.",
    format: "integer",
    default: 10_000,
    env: "CACHE_MEMORY_MAX_ENTRIES",
  },
  memoryMaxBytes: {
    doc: "What the values in memory may take, roughly.",
    format: "bytes",
    default: "64mb",
    env: "CACHE_MEMORY_MAX_BYTES",
  },
  memoryTtl: {
    doc: "How long a value is fresh in memory at the most.",
    format: "duration",
  },
  storeTimeout: {
    doc: "How long the store may take to answer.",
    format: "duration",
    default: "150ms",
  },
  storeRetryAfter: {
    doc: "How long a store that failed five times in a row is left alone.",
    format: "duration",
    default: "500ms",
  },
  storeFailure: {
    doc: "What a store that does not answer means: a miss, or an error.",
    format: "enum",
    values: ["miss", "throw"],
    default: "miss",
    env: "CACHE_STORE_FAILURE",
  },
  connectTimeout: {
    doc: "How long to wait for the store at the start.",
    format: "duration",
    default: "5s",
  },
  lock: {
    doc: "Whether only one process at a time loads a key.",
    format: "boolean",
    default: true,
  },
  compressAbove: {
    doc: "A value whose text is larger is compressed in the store.",
    format: "bytes",
    default: "32kb",
  },
  maxValueBytes: {
    doc: "What a value may take at the most.",
    format: "bytes",
    default: "16mb",
  },
});
