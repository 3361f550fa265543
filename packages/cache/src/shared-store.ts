import type { CacheStore, Clock, Logger } from "@infra/interfaces";
import { withTimeout } from "@infra/promises";

import { lockKey, tagKey } from "./cache-key.js";
import { EntryReader } from "./entry-reader.js";
import { GatheredReads } from "./gathered-reads.js";
import { Guard } from "./guard.js";
import { MissedTelling } from "./missed-telling.js";
import type { Invalidated } from "./recent-invalidations.js";
import { SharedTags } from "./shared-tags.js";
import type { EntryHead, StoredEntry, TagTokens } from "./stored-entry.js";

/** Options of {@link SharedStore}. */
export interface SharedStoreOptions {
  readonly store: CacheStore;
  readonly timeoutMs: number;
  readonly retryAfterMs: number;
  readonly maxValueBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onError: (error: unknown) => void;
  /** Throws what is more than a miss. */
  readonly bear: (error: unknown) => void;
  readonly onState: (state: "closed" | "open" | "half-open") => void;
  /** Tells other processes; `undefined` where nobody listens. */
  readonly publish: ((invalidated: Invalidated) => Promise<void>) | undefined;
}

/** What walks through all keys takes as long as there are keys. */
const longTimeoutMs = 10_000;
const keysAtOnce = 500;

/**
 * What processes share: values, tokens of tags, locks. It bears a store that fails or hangs, and remembers what a store that
 * did not answer should have been told, so that no value of before is believed when it is back.
 *
 * Every call but `read` rejects with a CacheStoreError when the store does; writes are remembered then.
 */
export class SharedStore {
  readonly #store: CacheStore;
  readonly #guard: Guard;
  readonly #options: SharedStoreOptions;
  readonly #missed: MissedTelling;
  readonly #entries: EntryReader;
  readonly #tags = new SharedTags({
    getMany: (keys, signal) =>
      this.#guard.run("getMany", () => this.#store.getMany(keys, { signal }), signal),
    addMany: async (entries, ttlMs, signal) => {
      const add = ([key, token]: readonly [string, string]): Promise<boolean> =>
        this.#store.add(key, token, { ttlMs, signal });
      await this.#guard.run("add", () => Promise.all(entries.map(add)));
    },
    missed: (tag) => this.#missed.hasTag(tag),
  });
  readonly #reads = new GatheredReads({
    busy: () => this.#guard.busy,
    one: (key) => this.#guard.run("get", () => this.#store.get(key)),
    many: (keys) => this.#guard.run("getMany", () => this.#store.getMany(keys)),
  });

  constructor(options: SharedStoreOptions) {
    const { store, timeoutMs, retryAfterMs, clock, logger, onError, onState } = options;
    this.#store = store;
    this.#options = options;
    this.#entries = new EntryReader(options);
    this.#missed = new MissedTelling((missed) => this.#tell(missed), clock);
    this.#guard = new Guard({
      name: "the cache store",
      timeoutMs,
      retryAfterMs,
      clock,
      onError,
      onChange: ({ from, to, error }) => {
        onState(to);
        if (to === "open" && from === "closed") {
          logger.warn("the cache store does not answer", { error });
        } else if (to === "closed") logger.info("the cache store answers again");
      },
    });
  }

  get state(): "closed" | "open" | "half-open" {
    return this.#guard.state;
  }

  get errors(): number {
    return this.#guard.errors;
  }

  /** How much the store has yet to be told. */
  get missed(): number {
    return this.#missed.size;
  }

  /** A value; `undefined`, too, when the store fails and that is no error. */
  read(key: string, signal?: AbortSignal): Promise<StoredEntry | undefined> {
    if (this.#missed.has(key)) return Promise.resolve(undefined);
    const reading = signal
      ? this.#guard.run("get", () => this.#store.get(key, { signal }), signal)
      : this.#reads.get(key);
    return reading.then(
      (text) => (text === undefined ? undefined : this.#entryOf(text, signal)),
      (error: unknown) => this.#options.bear(error) as undefined,
    );
  }

  async readMany(
    keys: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly (StoredEntry | undefined)[]> {
    const texts = await this.#guard.run(
      "getMany",
      () => this.#store.getMany(keys, { signal }),
      signal,
    );
    const heads = texts.map((text, at) =>
      text === undefined || this.#missed.has(keys[at]!) ? undefined : this.#entries.head(text),
    );
    const valid = await this.#tags.valid(
      heads.map((head) => head?.tags ?? []),
      signal,
    );
    return Promise.all(
      heads.map(async (head, at) =>
        head && valid[at] ? this.#entries.entry(texts[at]!, head) : undefined,
      ),
    );
  }

  async write(
    entries: readonly (readonly [key: string, text: string])[],
    ttlMs: number,
    options: { readonly unlock: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    const { signal, unlock } = options;
    const ttl = { ...(ttlMs < Infinity && { ttlMs: Math.ceil(ttlMs) }), signal };
    const keys = entries.map(([key]) => key);
    await this.#telling({ keys }, "set", signal, async () => {
      const [first] = entries;
      await Promise.all([
        // first: who loads these keys now must not write over it, or finds out that he did
        unlock && this.#store.delete(keys.map(lockKey), { signal }),
        entries.length === 1
          ? this.#store.set(first![0], first![1], ttl)
          : this.#store.setMany(entries, ttl),
      ]);
    });
  }

  /** Removes a key if it still has this text. */
  async removeText(key: string, text: string): Promise<void> {
    const same = async (): Promise<boolean> => (await this.#store.get(key)) === text;
    if (await this.#telling({ keys: [key] }, "get", undefined, same)) await this.remove([key]);
  }

  /** How many of the keys were there. */
  remove(keys: readonly string[], signal?: AbortSignal): Promise<number> {
    return this.#telling({ keys }, "delete", signal, async () => {
      // as above
      const [, count] = await Promise.all([
        this.#store.delete(keys.map(lockKey), { signal }),
        this.#store.delete(keys, { signal }),
      ]);
      return count;
    });
  }

  async invalidateTags(tags: readonly string[], signal?: AbortSignal): Promise<void> {
    // a value without the tag's present token is missing: no token at all will do
    await this.#telling({ tags }, "invalidateTags", signal, () =>
      this.#store.delete(tags.map(tagKey), { signal }),
    );
  }

  async clear(prefix: string, signal?: AbortSignal): Promise<void> {
    await this.#telling({ prefixes: [prefix] }, "clear", signal, () =>
      this.#long((limit) => this.#clear(prefix, limit), signal),
    );
  }

  /** The tokens that tags have now; one that has none is given one. */
  tokensOf(tags: readonly string[], signal?: AbortSignal): Promise<TagTokens> {
    return this.#tags.tokensOf(tags, signal);
  }

  /** Takes a lock, if nobody has it. */
  async lock(key: string, token: string, ttlMs: number): Promise<boolean> {
    // a lock of which nobody knows whether it was taken must not stand when the store is back
    return this.#telling({ keys: [lockKey(key)] }, "add", undefined, () =>
      this.#store.add(lockKey(key), token, { ttlMs }),
    );
  }

  async ownerOf(key: string): Promise<string | undefined> {
    return this.#guard.run("get", () => this.#store.get(lockKey(key)));
  }

  async prolong(key: string, token: string, ttlMs: number): Promise<void> {
    await this.#guard.run("set", () => this.#store.set(lockKey(key), token, { ttlMs }));
  }

  async unlock(key: string): Promise<void> {
    await this.#telling({ keys: [lockKey(key)] }, "delete", undefined, () =>
      this.#store.delete([lockKey(key)]),
    );
  }

  async *keys(prefix: string, signal?: AbortSignal): AsyncGenerator<string, void, undefined> {
    const keys = this.#store.keys?.(prefix, { signal })[Symbol.asyncIterator]();
    if (!keys) return;
    for (;;) {
      const step = await this.#guard.run(
        "keys",
        () => this.#long(() => keys.next(), signal),
        signal,
        { limit: false },
      );
      if (step.done) return;
      yield step.value;
    }
  }

  async prune(signal?: AbortSignal): Promise<number> {
    if (!this.#store.prune) return 0;
    return this.#guard.run(
      "prune",
      () => this.#long((limit) => this.#store.prune!({ signal: limit }), signal),
      signal,
      { limit: false },
    );
  }

  /** Asks the store for something that is not there. */
  async ping(): Promise<void> {
    await this.#guard.run("get", () => this.#store.get("@#ping"));
  }

  /** Says to the store and to other processes later what they could not be told. */
  missedBy(invalidated: Invalidated): void {
    this.#missed.add(invalidated);
  }

  /** Says what it could not say, for the last time. */
  close(): Promise<void> {
    return this.#missed.close();
  }

  async #telling<T>(
    invalidated: Invalidated,
    operation: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      const long = operation === "clear";
      return await this.#guard.run(operation, work, signal, { limit: !long });
    } catch (error) {
      this.missedBy(invalidated);
      throw error;
    }
  }

  async #tell(missed: Required<Invalidated>): Promise<void> {
    const keys = [...missed.keys, ...missed.tags.map(tagKey)];
    for (const prefix of missed.prefixes) {
      await this.#guard.run(
        "clear",
        () => this.#long((signal) => this.#clear(prefix, signal)),
        undefined,
        { limit: false },
      );
    }
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      const some = keys.slice(at, at + keysAtOnce);
      await this.#guard.run("delete", () => this.#store.delete(some));
    }
    await this.#options.publish?.(missed);
  }

  async #clear(prefix: string, signal: AbortSignal): Promise<void> {
    await this.#store.clear(prefix, { signal });
    // who loads one of these keys now must not keep it
    if (prefix !== "") await this.#store.clear(lockKey(prefix), { signal });
  }

  #long<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return withTimeout(({ signal: limit }) => work(limit), {
      timeout: longTimeoutMs,
      name: "the cache store",
      clock: this.#options.clock,
      signal,
    });
  }

  #entryOf(
    text: string,
    signal: AbortSignal | undefined,
  ): StoredEntry | undefined | Promise<StoredEntry | undefined> {
    const head = this.#entries.head(text);
    if (head?.tags) return this.#taggedEntryOf(text, head, signal);
    return head && this.#entries.entry(text, head);
  }

  async #taggedEntryOf(
    text: string,
    head: EntryHead,
    signal: AbortSignal | undefined,
  ): Promise<StoredEntry | undefined> {
    try {
      const [valid] = await this.#tags.valid([head.tags!], signal);
      return valid ? await this.#entries.entry(text, head) : undefined;
    } catch (error) {
      this.#options.bear(error);
      return undefined;
    }
  }
}
