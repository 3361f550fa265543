import { Secret, toBytes, toMilliseconds, type ByteSize, type Duration } from "@infra/interfaces";

import { pubsubConfig } from "./config.js";
import type { PubSubEngine } from "./engine.js";
import { parsePubSubUrl, type PubSubUrl } from "./pubsub-url.js";
import { checkPattern } from "./topic.js";

/** Options of `PubSubService`. */
export interface PubSubOptions {
  /**
   * What carries messages between processes: `redis://host:6379`, `postgres://user:password@host:5432/name`, `database:`
   * for the collaborator `database`, `memory:` for this process alone.
   *
   * @default redisUrl, else "memory:"
   */
  readonly url?: string | Secret;
  /** The URL of the Redis that is used when there is no `url`. */
  readonly redisUrl?: string | Secret;
  /** An engine of one's own, instead of a URL. It is not closed. */
  readonly engine?: PubSubEngine;
  /** What all channels and keys begin with. @default "pubsub" */
  readonly prefix?: string;
  /** Topics and patterns whose messages are kept; the same in all processes. @default [] */
  readonly durable?: readonly string[];
  /** Messages of each durable topic that are kept at the least. @default 10_000 */
  readonly keepMessages?: number;
  /** How long a durable topic is kept after the last message on it. @default "1d" */
  readonly keepFor?: Duration;
  /** Messages that wait for a listener that is busy, at the most. @default 1_000 */
  readonly maxPending?: number;
  /** What a message may take at the most. Not measured by `memory:`. @default "1mb" */
  readonly maxMessageBytes?: ByteSize;
  /**
   * What an engine that can't be reached means for messages that are not kept: they go to this process alone, or
   * `publish` rejects.
   *
   * @default "local"
   */
  readonly failure?: "local" | "throw";
  /** How long the engine may take to answer, and to connect at the start. @default "5s" */
  readonly timeout?: Duration;
}

/** The options with every default filled in, durations in milliseconds. */
export interface ResolvedOptions {
  readonly url: PubSubUrl;
  readonly engine: PubSubEngine | undefined;
  readonly prefix: string;
  readonly durable: readonly string[];
  readonly keepMessages: number;
  readonly keepForMs: number;
  readonly maxPending: number;
  readonly maxMessageBytes: number;
  readonly failure: "local" | "throw";
  readonly timeoutMs: number;
}

/**
 * Fills in the defaults and refuses what can't be.
 *
 * @throws RangeError naming the option and the value received.
 */
export function resolveOptions(options: PubSubOptions): ResolvedOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as PubSubOptions;
  const all = { ...pubsubConfig.defaults(), ...given };
  for (const each of all.durable) checkPattern(each, "durable");
  if (all.failure !== "local" && all.failure !== "throw") {
    throw new RangeError(`failure must be "local" or "throw", got ${JSON.stringify(all.failure)}`);
  }
  return {
    url: parsePubSubUrl(Secret.reveal(given.url ?? given.redisUrl ?? "memory:")),
    engine: given.engine,
    prefix: prefixOf(all.prefix),
    durable: [...all.durable],
    keepMessages: wholeAboveZero(all.keepMessages, "keepMessages"),
    keepForMs: aboveZero(toMilliseconds(all.keepFor, "keepFor"), "keepFor"),
    maxPending: wholeAboveZero(all.maxPending, "maxPending"),
    maxMessageBytes: aboveZero(toBytes(all.maxMessageBytes, "maxMessageBytes"), "maxMessageBytes"),
    failure: all.failure,
    timeoutMs: aboveZero(toMilliseconds(all.timeout, "timeout"), "timeout"),
  };
}

/** @throws RangeError when a number is not above 0. */
export function aboveZero(value: number, name: string): number {
  if (value > 0) return value;
  throw new RangeError(`${name} must be above 0, got ${value}`);
}

/** @throws RangeError when a number is not whole and above 0. */
export function wholeAboveZero(value: number, name: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`${name} must be a whole number above 0, got ${String(value)}`);
}

function prefixOf(prefix: string): string {
  if (typeof prefix === "string" && /^[a-z][a-z0-9_-]{0,30}$/.test(prefix)) return prefix;
  throw new RangeError(
    `prefix must be up to 31 lower-case letters, digits, "_" and "-", beginning with a letter, got ${JSON.stringify(prefix)}`,
  );
}
