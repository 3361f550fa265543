import type {
  EngineCallOptions,
  EngineWorker,
  EngineWorkerOptions,
  JobEngine,
  JobEvent,
  JobSnapshot,
  JobState,
  NewJob,
  NewJobFlow,
  StoredSchedule,
} from "@infra/interfaces";
import { abortable } from "@infra/promises";

import { isConnectionError } from "../engine-call.js";
import { bullEvents } from "./bull-events.js";
import type {
  BullBinding,
  BullEventsProducer,
  BullQueue,
  BullQueueEvents,
  OpenBull,
} from "./bull-types.js";
import { BullEngineWorker } from "./bull-worker.js";
import { JobAdder } from "./job-adder.js";
import { bullStates, snapshot, stateOf } from "./job-options.js";
import { soonAgain } from "./soon-again.js";

interface Closable {
  close(): Promise<void>;
}

const cancelEvent = "infra-cancel";

/** Jobs in a queue of BullMQ, whatever it is bound to. */
export class BullJobEngine implements JobEngine {
  readonly name: string;
  readonly durable = true;
  readonly #queueName: string;
  readonly #binding: BullBinding;
  readonly #onError: (error: Error) => void;
  readonly #workers = new Set<EngineWorker>();
  readonly #opened = new Set<Closable>();
  readonly #ending = new AbortController();
  #opening: Promise<void> | undefined;
  #open: OpenBull | undefined;
  #queue: BullQueue | undefined;
  #adder: JobAdder | undefined;
  #cancels: BullEventsProducer | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    name: string,
    queueName: string,
    binding: BullBinding,
    onError: (error: Error) => void,
  ) {
    if (!/^[\w.-]{1,100}$/.test(queueName)) {
      throw new RangeError(
        `queue must be 1 to 100 letters, digits, ".", "_" and "-"; got ${JSON.stringify(queueName)}`,
      );
    }
    this.name = name;
    this.#queueName = queueName;
    this.#binding = binding;
    this.#onError = onError;
  }

  /** The queue of BullMQ itself (a `Queue`), once the engine is open. */
  async bull(): Promise<unknown> {
    await this.open();
    return this.#queue!;
  }

  open({ signal }: EngineCallOptions = {}): Promise<void> {
    // who waits for it may give up, and others go on
    this.#opening ??= this.#doOpen(this.#ending.signal).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return abortable(this.#opening, { signal });
  }

  async #doOpen(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const open = await this.#binding.open({ signal });
    try {
      const queue = new open.library.Queue(this.#queueName, open.options, open.backend);
      queue.on("error", this.#onError);
      await abortable(queue.waitUntilReady(), { signal });
      this.#opened.add(queue);
      this.#queue = queue;
      this.#adder = new JobAdder(open, queue);
      this.#opened.add(this.#adder);
      this.#open = open;
    } catch (error) {
      await open.destroy();
      throw error;
    }
  }

  close({ signal }: EngineCallOptions = {}): Promise<void> {
    return (this.#closing ??= this.#doClose(signal));
  }

  async #doClose(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#open) this.#ending.abort(new Error("the job engine is closed"));
    if (!this.#opening) return;
    await abortable(this.#opening, { signal }).catch(() => {});
    const closed = Promise.allSettled([
      ...[...this.#workers].map((worker) => worker.close({ signal })),
      ...[...this.#opened].map((each) => each.close()),
    ]);
    await abortable(closed, { signal: signal ?? AbortSignal.timeout(5_000) }).catch(() => {});
    await this.#open?.destroy();
  }

  async ping(options?: EngineCallOptions): Promise<void> {
    await this.#call((open) => open.ping(), options);
  }

  add(jobs: readonly NewJob[], options?: EngineCallOptions): Promise<readonly string[]> {
    if (jobs.length === 0) return Promise.resolve([]);
    if (this.#adder && !options?.signal) return this.#adder.add(jobs);
    return this.#call(() => this.#adder!.add(jobs), options);
  }

  async addFlow(flow: NewJobFlow, options?: EngineCallOptions): Promise<void> {
    await this.#call(() => this.#adder!.addFlow(flow, this.#onError), options);
  }

  work(options: EngineWorkerOptions): EngineWorker {
    const worker = new BullEngineWorker(this.#open!, this.#queueName, options);
    this.#workers.add(worker);
    return worker;
  }

  async get(id: string, options?: EngineCallOptions): Promise<JobSnapshot | undefined> {
    return this.#call(async () => {
      // in this order: what is seen of one that has ended is how it ended
      const state = stateOf(await this.#queue!.getJobState(id));
      const job = state && (await this.#queue!.getJob(id));
      return job && snapshot(job, state);
    }, options);
  }

  async list(
    state: JobState,
    { offset, limit, signal }: { offset: number; limit: number; signal?: AbortSignal | undefined },
  ): Promise<readonly JobSnapshot[]> {
    const ascending = state !== "completed" && state !== "failed";
    return this.#call(
      async () => {
        const found: JobSnapshot[] = [];
        let from = offset;
        // BullMQ has those with a priority in a list of their own, and gives of each list the same page
        for (const word of bullStates[state]) {
          if (found.length === limit) break;
          const until = from + limit - found.length;
          const jobs = await this.#queue!.getJobs([word], from, until - 1, ascending);
          found.push(...jobs.map((job) => snapshot(job, state)));
          const { [word]: there = 0 } = await this.#queue!.getJobCounts(word);
          from = Math.max(0, from - there);
        }
        return found;
      },
      { signal },
    );
  }

  async counts(options?: EngineCallOptions): Promise<Readonly<Record<JobState, number>>> {
    const words = Object.values(bullStates).flat();
    const found = await this.#call(() => this.#queue!.getJobCounts(...words), options);
    const sum = (state: JobState): number =>
      bullStates[state].reduce((total, word) => total + (found[word] ?? 0), 0);
    return {
      waiting: sum("waiting"),
      delayed: sum("delayed"),
      active: sum("active"),
      "waiting-children": sum("waiting-children"),
      completed: sum("completed"),
      failed: sum("failed"),
    };
  }

  async logs(id: string, options?: EngineCallOptions): Promise<readonly string[]> {
    return (await this.#call(() => this.#queue!.getJobLogs(id), options)).logs;
  }

  async remove(id: string, options?: EngineCallOptions): Promise<boolean> {
    const there = await this.get(id, options);
    if (!there || there.state === "active") return false;
    // 0: it has been taken in between
    return (await this.#call(() => this.#queue!.remove(id), options)) === 1;
  }

  async redrive(id: string, options?: EngineCallOptions): Promise<boolean> {
    return this.#call(async () => {
      const job = await this.#queue!.getJob(id);
      if (!job || stateOf(await job.getState()) !== "failed") return false;
      await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
      return true;
    }, options);
  }

  async clean(
    state: "completed" | "failed",
    options: { readonly olderThanMs: number; readonly limit: number } & EngineCallOptions,
  ): Promise<number> {
    const { olderThanMs, limit } = options;
    return (await this.#call(() => this.#queue!.clean(olderThanMs, limit, state), options)).length;
  }

  async subscribe(listener: (event: JobEvent) => void): Promise<() => Promise<void>> {
    const events = await this.#events(this.#queueName);
    bullEvents(events, listener);
    return () => this.#end(events);
  }

  async sendCancel(id: string, options?: EngineCallOptions): Promise<void> {
    await this.#call(async (open) => {
      const producer = (this.#cancels ??= this.#makeCancels(open));
      try {
        await producer.publishEvent({ eventName: cancelEvent, jobId: id });
      } catch (error) {
        // one that was not let in once stays out
        if (isConnectionError(error)) this.#cancels = undefined;
        throw error;
      }
    }, options);
  }

  async onCancel(listener: (id: string) => void): Promise<() => Promise<void>> {
    const events = await this.#events(this.#controlName);
    events.on(cancelEvent, ({ jobId }: { jobId: string }) => listener(jobId));
    return () => this.#end(events);
  }

  async schedules(options?: EngineCallOptions): Promise<readonly StoredSchedule[]> {
    return this.#call(({ store }) => store.schedules(), options);
  }

  async putSchedule(schedule: StoredSchedule, options?: EngineCallOptions): Promise<void> {
    await this.#call(({ store }) => store.putSchedule(schedule), options);
  }

  async removeSchedule(key: string, options?: EngineCallOptions): Promise<boolean> {
    return this.#call(({ store }) => store.removeSchedule(key), options);
  }

  async claimSlot(
    slot: { key: string; slotMs: number; nowMs: number; forMs: number },
    options?: EngineCallOptions,
  ): Promise<boolean> {
    return this.#call(({ store }) => store.claimSlot(slot), options);
  }

  async passSlot(
    slot: { key: string; slotMs: number; nextMs: number },
    options?: EngineCallOptions,
  ): Promise<void> {
    await this.#call(({ store }) => store.passSlot(slot), options);
  }

  /** A queue of its own, so that who waits for cancellations does not read what happens to every job. */
  get #controlName(): string {
    return `${this.#queueName}-control`;
  }

  /** One for all cancellations: each leaves listeners on the connection that outlive it. */
  #makeCancels({ library, options, backend }: OpenBull): BullEventsProducer {
    const producer = new library.QueueEventsProducer(this.#controlName, options, backend);
    producer.on("error", this.#onError);
    this.#opened.add(producer);
    return producer;
  }

  async #events(queue: string): Promise<BullQueueEvents> {
    await this.open();
    const open = this.#open!;
    const { library, backend } = open;
    const lastEventId = await open.lastEventId?.(queue);
    const options = { ...open.options, ...(lastEventId !== undefined && { lastEventId }) };
    const events = soonAgain(new library.QueueEvents(queue, options, backend), this.#onError);
    events.on("error", this.#onError);
    this.#opened.add(events);
    try {
      await events.waitUntilReady();
    } catch (error) {
      // not waited for: the end may take as long as the beginning
      void this.#end(events).catch(this.#onError);
      throw error;
    }
    return events;
  }

  async #end(events: BullQueueEvents): Promise<void> {
    this.#opened.delete(events);
    await events.close();
  }

  async #call<T>(
    work: (open: OpenBull) => Promise<T>,
    { signal }: EngineCallOptions = {},
  ): Promise<T> {
    signal?.throwIfAborted();
    if (!this.#open) await this.open({ signal });
    return abortable(work(this.#open!), { signal });
  }
}
