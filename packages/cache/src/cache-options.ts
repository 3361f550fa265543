import {
  Secret,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type CacheGetOrSetOptions,
  type CacheSetOptions,
  type CacheStore,
  type Duration,
} from "@infra/interfaces";

import { parseCacheUrl, type CacheUrl } from "./cache-url.js";
import { cacheConfig } from "./config.js";

/** Options of a value that is set. */
export interface SetOptions extends CacheSetOptions {
  /** How long a stale value may still be served when its loader fails. @default the cache's own */
  readonly grace?: Duration;
}

/** Options of `getOrSet`. */
export interface GetOrSetOptions extends CacheGetOrSetOptions {
  /** How long `undefined` and `null` of the loader are fresh; 0: not kept. @default the cache's own */
  readonly negativeTtl?: Duration;
  /** After which part of its time a value is loaded anew in the background, 0 to 1. @default the cache's own */
  readonly refreshAhead?: number;
}

/** Options of `CacheService`. */
export interface CacheOptions {
  /**
   * Where values are shared: `redis://host:6379`, `postgres://user:password@host:5432/name`, `database:` for the
   * collaborator `database`, `memory:` for not at all.
   *
   * @default redisUrl, else "memory:"
   */
  readonly url?: string | Secret;
  /** The URL of the Redis that is used when there is no `url`. */
  readonly redisUrl?: string | Secret;
  /** A store of one's own, instead of a URL. It is not closed. */
  readonly store?: CacheStore;
  /** What all keys in a shared store begin with. @default "cache" */
  readonly prefix?: string;
  /** How long a value is fresh. @default "5m" */
  readonly ttl?: Duration;
  /** By up to which part a value's time is shortened at random, 0 to 1. @default 0 */
  readonly jitter?: number;
  /** How long `undefined` and `null` of a loader are fresh; 0: not kept. @default ttl */
  readonly negativeTtl?: Duration;
  /** How long a stale value may still be served when its loader fails. @default 0 */
  readonly grace?: Duration;
  /** How long a loader that failed is left alone while a stale value can be served; doubled each time. @default "1s" */
  readonly graceBackoff?: Duration;
  /** How long to wait for a loader before a stale value is served. @default until it is done */
  readonly softTimeout?: Duration;
  /** How long a loader may take at all. @default "30s" */
  readonly hardTimeout?: Duration;
  /** After which part of its time a value that is read is loaded anew in the background, 0 to 1. @default never */
  readonly refreshAhead?: number;
  /**
   * Whether the process remembers values itself. Without a bus it then serves, until `memoryTtl`, what others have changed.
   *
   * @default when nothing is shared, or there is a bus
   */
  readonly memory?: boolean;
  /** Values in memory at the most. @default 10_000 */
  readonly memoryMaxEntries?: number;
  /** What the values in memory may take, roughly. @default "64mb" */
  readonly memoryMaxBytes?: ByteSize;
  /** How long a value is fresh in memory at the most. @default as long as it is fresh */
  readonly memoryTtl?: Duration;
  /** How long the store may take to answer. @default "150ms" */
  readonly storeTimeout?: Duration;
  /** How long a store that failed five times in a row is left alone. @default "500ms" */
  readonly storeRetryAfter?: Duration;
  /** What a store that does not answer means. @default "miss" */
  readonly storeFailure?: "miss" | "throw";
  /** How long to wait for the store at the start. @default "5s" */
  readonly connectTimeout?: Duration;
  /** Whether only one process at a time loads a key. @default true */
  readonly lock?: boolean;
  /** A value whose text is larger is compressed in the store; `Infinity` for none. @default "32kb" */
  readonly compressAbove?: ByteSize;
  /** What a value may take at the most. @default "16mb" */
  readonly maxValueBytes?: ByteSize;
}

/** The options with every default filled in, durations in milliseconds. */
export interface ResolvedOptions {
  readonly url: CacheUrl;
  readonly store: CacheStore | undefined;
  readonly prefix: string;
  readonly ttlMs: number;
  readonly jitter: number;
  readonly negativeTtlMs: number | undefined;
  readonly graceMs: number;
  readonly graceBackoffMs: number;
  readonly softTimeoutMs: number;
  readonly hardTimeoutMs: number;
  readonly refreshAhead: number | undefined;
  readonly memory: boolean | undefined;
  readonly memoryMaxEntries: number;
  readonly memoryMaxBytes: number;
  readonly memoryTtlMs: number;
  readonly storeTimeoutMs: number;
  readonly storeRetryAfterMs: number;
  readonly storeFailure: "miss" | "throw";
  readonly connectTimeoutMs: number;
  readonly lock: boolean;
  readonly compressAbove: number;
  readonly maxValueBytes: number;
}

/**
 * Fills in the defaults and refuses what can't be.
 *
 * @throws RangeError naming the option and the value received.
 */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as CacheOptions;
  const all = { softTimeout: Infinity, memoryTtl: Infinity, ...cacheConfig.defaults(), ...given };
  const url = given.url ?? given.redisUrl ?? "memory:";
  return {
    url: parseCacheUrl(Secret.reveal(url)),
    store: all.store,
    prefix: prefixOf(all.prefix),
    ttlMs: toMilliseconds(all.ttl, "ttl"),
    jitter: part(all.jitter, "jitter"),
    negativeTtlMs:
      all.negativeTtl === undefined ? undefined : toMilliseconds(all.negativeTtl, "negativeTtl"),
    graceMs: toMilliseconds(all.grace, "grace"),
    graceBackoffMs: toMilliseconds(all.graceBackoff, "graceBackoff"),
    softTimeoutMs: toMilliseconds(all.softTimeout, "softTimeout"),
    hardTimeoutMs: aboveZero(toMilliseconds(all.hardTimeout, "hardTimeout"), "hardTimeout"),
    refreshAhead: refreshAheadOf(all.refreshAhead),
    memory: all.memory,
    memoryMaxEntries: wholeAboveZero(all.memoryMaxEntries, "memoryMaxEntries"),
    memoryMaxBytes: aboveZero(toBytes(all.memoryMaxBytes, "memoryMaxBytes"), "memoryMaxBytes"),
    memoryTtlMs: toMilliseconds(all.memoryTtl, "memoryTtl"),
    storeTimeoutMs: aboveZero(toMilliseconds(all.storeTimeout, "storeTimeout"), "storeTimeout"),
    storeRetryAfterMs: toMilliseconds(all.storeRetryAfter, "storeRetryAfter"),
    storeFailure: storeFailureOf(all.storeFailure),
    connectTimeoutMs: toMilliseconds(all.connectTimeout, "connectTimeout"),
    lock: all.lock,
    compressAbove: toBytes(all.compressAbove, "compressAbove"),
    maxValueBytes: aboveZero(toBytes(all.maxValueBytes, "maxValueBytes"), "maxValueBytes"),
  };
}

/** @throws RangeError when it is no part of a value's time. */
export function refreshAheadOf(value: number | undefined): number | undefined {
  return value === undefined ? undefined : part(value, "refreshAhead");
}

function part(value: number, name: string): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new RangeError(`${name} must be a number from 0 to 1, got ${String(value)}`);
}

function aboveZero(value: number, name: string): number {
  if (value > 0) return value;
  throw new RangeError(`${name} must be above 0, got ${value}`);
}

function wholeAboveZero(value: number, name: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`${name} must be a whole number above 0, got ${String(value)}`);
}

function prefixOf(prefix: string): string {
  if (typeof prefix === "string" && /^[\w.-]{1,64}$/.test(prefix)) return prefix;
  throw new RangeError(
    `prefix must be 1 to 64 letters, digits, ".", "_" and "-", got ${JSON.stringify(prefix)}`,
  );
}

function storeFailureOf(value: string): "miss" | "throw" {
  if (value === "miss" || value === "throw") return value;
  throw new RangeError(`storeFailure must be "miss" or "throw", got ${JSON.stringify(value)}`);
}
