import { isConnectionError } from "../engine-call.js";
import type { BullBackend, BullJobEntry } from "./bull-types.js";

interface Waiting {
  readonly entry: BullJobEntry;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

const mostAtOnce = 500;

/** Jobs that are added one by one at the same moment go to the engine together. */
export class GatheredAdds {
  readonly #backend: BullBackend;
  #waiting: Waiting[] = [];

  constructor(backend: BullBackend) {
    this.#backend = backend;
  }

  /** Resolves to its id, or that of the one that kept it from being added. */
  add(entry: BullJobEntry): Promise<string> {
    return new Promise((resolve, reject) => {
      // once everything that can go on now has gone on
      if (this.#waiting.push({ entry, resolve, reject }) === 1)
        process.nextTick(() => this.#send());
    });
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += mostAtOnce) {
      void this.#sendSome(waiting.slice(at, at + mostAtOnce));
    }
  }

  async #sendSome(some: readonly Waiting[]): Promise<void> {
    if (some.length === 1) return this.#sendOne(some[0]!);
    try {
      const ids = await this.#backend.addJobs(some.map(({ entry }) => entry));
      for (const [at, { resolve }] of some.entries()) resolve(ids[at]!);
    } catch (error) {
      if (isConnectionError(error)) for (const { reject } of some) reject(error);
      // what one of them is refused for is no matter of the others
      else for (const each of some) void this.#sendOne(each);
    }
  }

  async #sendOne({ entry, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await this.#backend.addJob(entry.job, entry.jobId));
    } catch (error) {
      reject(error);
    }
  }
}
