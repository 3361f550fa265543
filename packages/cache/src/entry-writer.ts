import type { CacheCore, Prepared } from "./cache-core.js";
import { checkTags, checkText } from "./cache-key.js";
import type { SetOptions } from "./cache-options.js";
import { takeSnapshot } from "./snapshot.js";
import type { TagTokens } from "./stored-entry.js";
import { timesOf } from "./value-times.js";

/** Writes values into all tiers, so that nobody who reads or loads meanwhile puts an older one over them. */
export class EntryWriter {
  readonly #core: CacheCore;

  constructor(core: CacheCore) {
    this.#core = core;
  }

  /**
   * Keeps all of them, or none when one of them can't be.
   *
   * @param entries by their keys with the namespace.
   * @throws UnsupportedValueError, ValueTooLargeError; CacheStoreError if that is no miss.
   */
  async write(
    entries: readonly (readonly [key: string, value: unknown])[],
    options: SetOptions,
  ): Promise<void> {
    const core = this.#core;
    const { signal } = options;
    const tags = options.tags?.length ? checkTags(options.tags) : undefined;
    const prepared = entries.map(([key, value]): Prepared => {
      checkText(key, "key");
      const snapshot = takeSnapshot(value);
      core.checkSize(snapshot.bytes);
      return { key, snapshot, tags, times: timesOf(core, options) };
    });
    const [first] = prepared;
    if (!first) return;
    const keys = prepared.map(({ key }) => key);
    // whoever reads or loads these keys now must not write over it
    core.forget({ keys });
    const gone = first.times.freshUntil <= first.times.createdAt;
    const ticket = core.recent.begin();
    try {
      if (core.shared) {
        await core.tolerate<unknown>(
          gone ? core.shared.remove(keys, signal) : this.#share(prepared, tags, signal),
          undefined,
        );
      }
      if (!gone) for (const each of prepared) core.keep(each, ticket);
    } finally {
      core.recent.end();
    }
    core.recent.note({ keys });
    await core.publish({ keys }, signal);
  }

  async #share(
    prepared: readonly Prepared[],
    tags: readonly string[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const core = this.#core;
    const shared = core.shared!;
    let tokens: TagTokens | undefined;
    try {
      tokens = tags && (await shared.tokensOf(tags, signal));
    } catch (error) {
      shared.missedBy({ keys: prepared.map(({ key }) => key) });
      throw error;
    }
    const texts = await Promise.all(
      prepared.map(async (each) => [each.key, await core.textOf(each, tokens)] as const),
    );
    const ttlMs = Math.max(...prepared.map(({ times }) => times.staleUntil)) - core.clock.now();
    await shared.write(texts, ttlMs, { unlock: core.options.lock, signal });
  }
}
