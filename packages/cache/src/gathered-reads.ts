type Text = string | undefined;

interface Waiting {
  readonly resolve: (text: Text) => void;
  readonly reject: (error: unknown) => void;
}

/** How to read one key, and how many. */
export interface Reader {
  /** Whether something is being read. */
  busy(): boolean;
  one(key: string): Promise<Text>;
  many(keys: readonly string[]): Promise<readonly Text[]>;
}

const mostAtOnce = 100;

/**
 * Makes one question of those that are asked in the same turn of the event loop: a command to a server costs more than all
 * else here. Who is alone asks at once, and pays nothing for this.
 */
export class GatheredReads {
  readonly #reader: Reader;
  #keys: string[] = [];
  #waiting: Waiting[] = [];

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get(key: string): Promise<Text> {
    if (!this.#reader.busy()) return this.#reader.one(key);
    return new Promise((resolve, reject) => {
      if (this.#keys.length === 0) process.nextTick(() => this.#flush());
      this.#keys.push(key);
      this.#waiting.push({ resolve, reject });
      if (this.#keys.length >= mostAtOnce) this.#flush();
    });
  }

  #flush(): void {
    if (this.#keys.length > 0) void this.#many(this.#keys, this.#waiting);
    this.#keys = [];
    this.#waiting = [];
  }

  async #many(keys: readonly string[], waiting: readonly Waiting[]): Promise<void> {
    try {
      const texts = await this.#reader.many(keys);
      for (const [at, { resolve }] of waiting.entries()) resolve(texts[at]);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
