import { wholeNumber } from "./whole-number.js";

/** Options of {@link LruMap}. */
export interface LruMapOptions<K, V> {
  /** How many entries it holds at the most. */
  readonly max: number;
  /** Told of each entry that makes room for another. */
  readonly onEvict?: (key: K, value: V) => void;
}

/** A map that forgets what has not been used for longest when it is full. */
export class LruMap<K, V> implements Iterable<[K, V]> {
  /** From the least to the most recently used. */
  readonly #entries = new Map<K, V>();
  readonly #max: number;
  readonly #onEvict: ((key: K, value: V) => void) | undefined;

  /** @throws RangeError when `max` is not a whole number from 1 upwards. */
  constructor(options: LruMapOptions<K, V>) {
    const { max, onEvict } = options;
    this.#max = wholeNumber(max, "LruMap: max", 1);
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as a use. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined && !this.#entries.has(key)) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value as V);
    return value;
  }

  /** The value, without counting as a use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  set(key: K, value: V): this {
    if (!this.#entries.delete(key) && this.#entries.size >= this.#max) this.#evict();
    this.#entries.set(key, value);
    return this;
  }

  /** Whether there was something to delete. */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** From the least to the most recently used; not a use. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries.entries();
  }

  #evict(): void {
    const [oldest] = this.#entries;
    this.#entries.delete(oldest![0]);
    this.#onEvict?.(...oldest!);
  }
}
