import { isConnectionError } from "../engine-call.js";
import type { BullQueue } from "./bull-types.js";

/** A job as BullMQ is given it. */
export interface JobSpec {
  readonly name: string;
  readonly data: unknown;
  readonly opts: Record<string, unknown>;
}

interface Waiting {
  readonly spec: JobSpec;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

const mostAtOnce = 500;

/** Jobs that are added one by one at the same moment go to the engine together. */
export class GatheredAdds {
  readonly #queue: BullQueue;
  #waiting: Waiting[] = [];

  constructor(queue: BullQueue) {
    this.#queue = queue;
  }

  /** Resolves to its id, or that of the one that kept it from being added. */
  add(spec: JobSpec): Promise<string> {
    return new Promise((resolve, reject) => {
      // once everything that can go on now has gone on
      if (this.#waiting.push({ spec, resolve, reject }) === 1) process.nextTick(() => this.#send());
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
      const jobs = await this.#queue.addBulk(some.map(({ spec }) => spec));
      for (const [at, { resolve }] of some.entries()) resolve(jobs[at]!.id!);
    } catch (error) {
      if (isConnectionError(error)) for (const { reject } of some) reject(error);
      // what one of them is refused for is no matter of the others
      else for (const each of some) void this.#sendOne(each);
    }
  }

  async #sendOne({ spec, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve((await this.#queue.add(spec.name, spec.data, spec.opts)).id!);
    } catch (error) {
      reject(error);
    }
  }
}
