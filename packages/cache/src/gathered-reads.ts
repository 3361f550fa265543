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
      if (this.#keys.length >= mostAtOnce) this.#send();
    });
  }

  async #first(key: string): Promise<Text> {
    return (await this.#read([key]))[0];
  }

  readonly #flush = (): void => {
    this.#gathering = false;
    if (this.#keys.length > 0) this.#send();
  };

  #send(): void {
    const keys = this.#keys;
    const waiting = this.#waiting;
    this.#keys = [];
    this.#waiting = [];
    this.#read(keys).then(
      (texts) => {
        for (let at = 0; at < waiting.length; at++) waiting[at]!.resolve(texts[at]);
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(error);
      },
    );
  }
}
