import { randomUUID } from "node:crypto";

import { tagKey } from "./cache-key.js";
import type { TagTokens } from "./stored-entry.js";

/** What {@link SharedTags} asks the store by. */
export interface TagStore {
  getMany(
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (string | undefined)[]>;
  /** Adds those that are not there. */
  addMany(
    entries: readonly (readonly [key: string, token: string])[],
    ttlMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  /** Whether the store has yet to be told that the tag is no longer good. */
  missed(tag: string): boolean;
}

/** A tag that nothing was written with for so long is forgotten, and the values that have it are missing. */
const tagTtlMs = 30 * 86_400_000;

/**
 * Tags in the store: each has a token, which a value takes with it, and which goes when the tag is invalidated. A value whose
 * token is not the tag's present one is missing.
 */
export class SharedTags {
  readonly #store: TagStore;

  constructor(store: TagStore) {
    this.#store = store;
  }

  /** The tokens that tags have now; one that has none is given one. */
  async tokensOf(tags: readonly string[], signal?: AbortSignal): Promise<TagTokens> {
    const keys = tags.map(tagKey);
    let tokens = await this.#store.getMany(keys, signal);
    if (tokens.includes(undefined)) {
      const missing = keys.filter((_, at) => tokens[at] === undefined);
      const added = missing.map((key) => [key, randomUUID()] as const);
      await this.#store.addMany(added, tagTtlMs, signal);
      tokens = await this.#store.getMany(keys, signal);
    }
    // one that was taken away again meanwhile matches nothing
    return tags.map((tag, at) => [tag, tokens[at] ?? ""]);
  }

  /** For each list, whether its tags still have the tokens that they had. */
  async valid(lists: readonly TagTokens[], signal?: AbortSignal): Promise<readonly boolean[]> {
    const tags = [...new Set(lists.flatMap((list) => list.map(([tag]) => tag)))];
    if (tags.length === 0) return lists.map(() => true);
    const tokens = await this.#store.getMany(tags.map(tagKey), signal);
    const tokenOf = new Map(tags.map((tag, at) => [tag, tokens[at]]));
    return lists.map((list) =>
      list.every(([tag, token]) => tokenOf.get(tag) === token && !this.#store.missed(tag)),
    );
  }
}
