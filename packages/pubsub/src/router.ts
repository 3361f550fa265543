import type { LocalSubscription } from "./local-subscription.js";
import { isPattern, topicMatcher } from "./topic.js";

const remembered = 10_000;
const none: readonly LocalSubscription[] = [];

/** Finds the subscriptions of a topic. */
export class Router {
  readonly #exact = new Map<string, Set<LocalSubscription>>();
  readonly #patterns = new Map<
    string,
    { readonly matches: (topic: string) => boolean; readonly all: Set<LocalSubscription> }
  >();
  // by topic; forgotten when a subscription comes or goes
  readonly #found = new Map<string, readonly LocalSubscription[]>();

  /** How many there are. */
  size = 0;

  /** Whether it is the first of its pattern. */
  add(subscription: LocalSubscription): boolean {
    const { pattern } = subscription;
    this.#found.clear();
    this.size += 1;
    const all = this.of(pattern) as Set<LocalSubscription> | undefined;
    if (all) {
      all.add(subscription);
      return false;
    }
    const first = new Set([subscription]);
    if (isPattern(pattern))
      this.#patterns.set(pattern, { matches: topicMatcher(pattern), all: first });
    else this.#exact.set(pattern, first);
    return true;
  }

  /** Whether it was the last of its pattern. */
  remove(subscription: LocalSubscription): boolean {
    const { pattern } = subscription;
    const all = this.of(pattern) as Set<LocalSubscription> | undefined;
    if (!all?.delete(subscription)) return false;
    this.#found.clear();
    this.size -= 1;
    if (all.size > 0) return false;
    this.#exact.delete(pattern);
    this.#patterns.delete(pattern);
    return true;
  }

  /** The subscriptions of just this topic or pattern. */
  of(pattern: string): ReadonlySet<LocalSubscription> | undefined {
    return this.#exact.get(pattern) ?? this.#patterns.get(pattern)?.all;
  }

  *all(): Iterable<LocalSubscription> {
    for (const each of this.#exact.values()) yield* each;
    for (const { all } of this.#patterns.values()) yield* all;
  }

  /** Whether a topic was looked for before, and so is one. */
  knows(topic: string): boolean {
    return this.#found.has(topic);
  }

  /** The subscriptions that a topic matches; the same array until one comes or goes. */
  match(topic: string): readonly LocalSubscription[] {
    return this.#found.get(topic) ?? this.#find(topic);
  }

  #find(topic: string): readonly LocalSubscription[] {
    const found = [...(this.#exact.get(topic) ?? none)];
    for (const { matches, all } of this.#patterns.values()) if (matches(topic)) found.push(...all);
    if (this.#found.size >= remembered) this.#found.clear();
    this.#found.set(topic, found);
    return found;
  }
}
