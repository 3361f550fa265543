type Text = string | undefined;

interface Waiting {
  readonly resolve: (text: Text) => void;
  readonly reject: (error: unknown) => void;
}

const mostAtOnce = 100;

/**
 * Makes one question of those that are asked in the same turn of the event loop: a command to a server costs more than all
 * else here. Nobody waits for others: the first is asked at once.
 */
export class GatheredReads {
  readonly #read: (keys: readonly string[]) => Promise<readonly Text[]>;
  #keys: string[] = [];
  #waiting: Waiting[] = [];
  #gathering = false;

  constructor(read: (keys: readonly string[]) => Promise<readonly Text[]>) {
    this.#read = read;
  }

  get(key: string): Promise<Text> {
    if (!this.#gathering) {
      this.#gathering = true;
      process.nextTick(this.#flush);
      return this.#first(key);
    }
    return new Promise((resolve, reject) => {
      this.#keys.push(key);
      this.#waiting.push({ resolve, reject });
      if (this.#keys.length >= mostAtOnce) void this.#send();
    });
  }

  async #first(key: string): Promise<Text> {
    return (await this.#read([key]))[0];
  }

  readonly #flush = (): void => {
    this.#gathering = false;
    if (this.#keys.length > 0) void this.#send();
  };

  async #send(): Promise<void> {
    const keys = this.#keys;
    const waiting = this.#waiting;
    this.#keys = [];
    this.#waiting = [];
    try {
      const texts = await this.#read(keys);
      for (const [at, { resolve }] of waiting.entries()) resolve(texts[at]);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
