import type { NewJob, NewJobFlow } from "@infra/interfaces";

import { isConnectionError } from "../engine-call.js";
import type { BullFlowProducer, BullJobEntry, BullQueue, OpenBull } from "./bull-types.js";
import { GatheredAdds } from "./gathered-adds.js";
import { bullEntry, bullOptions } from "./job-options.js";

/** Puts jobs into a queue of BullMQ: by themselves, together, within a transaction, or as a flow. */
export class JobAdder {
  readonly #open: OpenBull;
  readonly #queue: BullQueue;
  readonly #gathered: GatheredAdds | undefined;
  readonly #isSimple: boolean;
  #producer: BullFlowProducer | undefined;

  constructor(open: OpenBull, queue: BullQueue) {
    this.#open = open;
    this.#queue = queue;
    this.#isSimple = !open.gathers && !open.inTransaction;
    if (open.gathers) this.#gathered = new GatheredAdds(queue.getBackend());
  }

  /** Adds them all or none; their ids, or those of the ones that kept them from being added. */
  add(jobs: readonly NewJob[]): Promise<readonly string[]> {
    const [first] = jobs;
    const isPlain = jobs.length === 1 && first!.tenantId === undefined;
    // nearly every job on Redis: with as little around it as can be
    return this.#isSimple && isPlain
      ? addAll(this.#queue, [bullEntry(first!, 0)])
      : this.#addInTurn(jobs);
  }

  async #addInTurn(jobs: readonly NewJob[]): Promise<readonly string[]> {
    const fair = jobs.some(({ tenantId }) => tenantId !== undefined);
    const rounds = fair ? await this.#rounds(jobs) : undefined;
    const entries = jobs.map((job, at) => bullEntry(job, rounds?.[at] ?? 0));
    let ids: readonly string[] = [];
    const within = await this.#open.inTransaction?.(async (queue) => {
      ids = await addAll(queue, entries);
    });
    if (within) return ids;
    const [only] = entries;
    if (this.#gathered && entries.length === 1) return [await this.#gathered.add(only!)];
    return addAll(this.#queue, entries);
  }

  async addFlow(flow: NewJobFlow, onError: (error: Error) => void): Promise<void> {
    const producer = (this.#producer ??= this.#makeProducer(onError));
    try {
      await producer.add(this.#flowOf(flow, true));
    } catch (error) {
      // one that was not let in once stays out
      if (isConnectionError(error)) this.#producer = undefined;
      throw error;
    }
  }

  /** Lets go of what flows were added by. */
  async close(): Promise<void> {
    await this.#producer?.close();
  }

  /** One for all flows: each leaves listeners on the connection that outlive it. */
  #makeProducer(onError: (error: Error) => void): BullFlowProducer {
    const { library, options, backend } = this.#open;
    const producer = new library.FlowProducer(options, backend);
    producer.on("error", onError);
    return producer;
  }

  #flowOf({ job, children, onFailure }: NewJobFlow, root = false): object {
    return {
      name: job.name,
      queueName: this.#queue.name,
      data: job.data,
      opts: {
        jobId: job.id,
        ...bullOptions(job, 0),
        ...(!root &&
          (onFailure === "ignore"
            ? { ignoreDependencyOnFailure: true }
            : { failParentOnFailure: true })),
      },
      ...(children.length > 0 && { children: children.map((child) => this.#flowOf(child)) }),
    };
  }

  async #rounds(jobs: readonly NewJob[]): Promise<readonly number[]> {
    const counts = new Map<string, number>();
    for (const { tenantId } of jobs) {
      if (tenantId !== undefined) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1);
    }
    const next = new Map(await this.#open.store.rounds(counts));
    return jobs.map(({ tenantId }) => {
      if (tenantId === undefined) return 0;
      const round = next.get(tenantId)!;
      next.set(tenantId, round + 1);
      return round;
    });
  }
}

/**
 * Straight to the backend, as BullMQ's own `Queue` does, without what only that needs: an object of each job, with all of
 * its properties, is half of what adding one costs.
 */
async function addAll(
  queue: BullQueue,
  entries: readonly BullJobEntry[],
): Promise<readonly string[]> {
  const backend = queue.getBackend();
  if (entries.length > 1) return backend.addJobs(entries);
  const { job, jobId } = entries[0]!;
  return [await backend.addJob(job, jobId)];
}
