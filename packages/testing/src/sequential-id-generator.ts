import type { IdGenerator } from "@infra/interfaces";

/** Ids that a test can foretell: `id-1`, `id-2`, …. */
export class SequentialIdGenerator implements IdGenerator {
  readonly #prefix: string;
  #last = 0;

  /**
   * @param prefix what stands before the number: letters, digits, `-` and `_`, 40 at the most. @default "id-"
   * @throws RangeError when it is something else.
   */
  constructor(prefix = "id-") {
    if (!/^[\w-]{0,40}$/.test(prefix)) {
      throw new RangeError(
        `SequentialIdGenerator: prefix must be up to 40 letters, digits, "-" or "_", got ${JSON.stringify(prefix)}`,
      );
    }
    this.#prefix = prefix;
  }

  next(): string {
    this.#last += 1;
    return `${this.#prefix}${this.#last}`;
  }
}
