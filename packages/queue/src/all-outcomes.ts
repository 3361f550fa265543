import type { Group } from "./entry.js";

/** The results of many, in their order, or the first failure; one promise for all of them. */
export class AllOutcomes<Result> implements Group<Result> {
  readonly promise: Promise<Result[]>;
  readonly #results: Result[] = [];
  #missing: number;
  #resolve!: (results: Result[]) => void;
  #reject!: (error: unknown) => void;

  constructor(count: number) {
    this.#missing = count;
    this.promise = new Promise<Result[]>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (count === 0) this.#resolve([]);
  }

  succeeded(index: number, value: Result): void {
    this.#results[index] = value;
    this.#missing -= 1;
    if (this.#missing === 0) this.#resolve(this.#results);
  }

  failed(error: unknown): void {
    this.#reject(error);
  }
}
