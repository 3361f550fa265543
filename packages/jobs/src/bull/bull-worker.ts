import type { EngineJob, EngineWorker, EngineWorkerOptions } from "@infra/interfaces";
import { abortable, sleep } from "@infra/promises";

import type { BullJob, BullWorker, OpenBull } from "./bull-types.js";
import { backoffName, retention } from "./job-options.js";
import { soonAgain } from "./soon-again.js";

const beginAgainMs = 500;

/** A worker of BullMQ, with defaults that recover from a crash within seconds. */
export class BullEngineWorker implements EngineWorker {
  readonly #open: OpenBull;
  readonly #queue: string;
  readonly #options: EngineWorkerOptions;
  #worker: BullWorker;
  #closing: Promise<void> | undefined;

  constructor(open: OpenBull, queue: string, options: EngineWorkerOptions) {
    this.#open = open;
    this.#queue = queue;
    this.#options = options;
    this.#worker = this.#begin();
  }

  #begin(): BullWorker {
    const open = this.#open;
    const options = this.#options;
    const { library } = open;
    const retryInMs = new WeakMap<Error, number>();
    const worker = new library.Worker(
      this.#queue,
      async (job, token) => {
        const outcome = await options.run(new BullEngineJob(job));
        if (outcome.kind === "completed") return keepable(outcome.result);
        if (outcome.kind === "returned") {
          if (outcome.afterMs > 0) {
            await job.moveToDelayed(Date.now() + outcome.afterMs, token);
            throw new library.DelayedError();
          }
          await job.moveToWait(token);
          throw new library.WaitingError();
        }
        const error = keepableError(outcome.error);
        if (outcome.final) throw finalError(library.UnrecoverableError, error);
        retryInMs.set(error, outcome.retryInMs);
        throw error;
      },
      {
        ...open.options,
        concurrency: options.concurrency,
        ...(options.rateLimit && {
          limiter: { max: options.rateLimit.max, duration: options.rateLimit.durationMs },
        }),
        lockDuration: options.leaseMs,
        stalledInterval: Math.max(250, Math.floor(options.leaseMs / 3)),
        maxStalledCount: options.maxStalls,
        removeOnComplete: retention(options.keepCompleted),
        removeOnFail: retention(options.keepFailed),
        drainDelay: 5,
        // how long it waits after a broken connection
        runRetryDelay: 500,
        settings: {
          backoffStrategy: (_made: number, type: string, error: Error) =>
            type === backoffName ? (retryInMs.get(error) ?? 0) : 0,
        },
      },
      open.backend,
    );
    soonAgain(worker, options.onError);
    // unheard, it would end the process
    worker.on("error", (error: Error) => options.onError(error));
    void worker.waitUntilReady().catch((error: Error) => this.#again(error));
    return worker;
  }

  /** One whose first words with the engine were cut off stays deaf for ever: another takes its place. */
  async #again(reason: Error): Promise<void> {
    const { onError } = this.#options;
    onError(reason);
    if (this.#closing) return;
    void this.#worker.close(true).catch(onError);
    await sleep(beginAgainMs, { unref: true });
    if (!this.#closing) this.#worker = this.#begin();
  }

  close({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#closing ??= this.#worker.close();
    // with the engine gone it never ends; who gives the signal cuts the connections afterwards
    return abortable(this.#closing, { signal }).catch(() => {});
  }
}

/** A job of BullMQ, as whoever runs it knows it. */
class BullEngineJob implements EngineJob {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly attempt: number;
  readonly attempts: number;
  readonly #job: BullJob;

  constructor(job: BullJob) {
    this.id = job.id!;
    this.name = job.name;
    this.data = job.data;
    this.attempt = job.attemptsMade + 1;
    // BullMQ says 0 where nothing was said
    this.attempts = job.opts.attempts || 1;
    this.#job = job;
  }

  progress(value: unknown): Promise<void> {
    return this.#job.updateProgress(keepable(value));
  }

  async log(line: string): Promise<void> {
    await this.#job.log(withoutNul(line));
  }

  async children(): Promise<Readonly<Record<string, unknown>>> {
    const values = await this.#job.getChildrenValues();
    // "prefix:queue:id"
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key.slice(key.lastIndexOf(":") + 1), value]),
    );
  }
}

/** PostgreSQL can't keep U+0000, and a job whose outcome can't be kept would be run again and again. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}

function keepable(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (!text?.includes("\\u0000")) return value;
  return JSON.parse(text, (_, each: unknown) =>
    typeof each === "string" ? withoutNul(each) : each,
  );
}

function keepableError(error: Error): Error {
  if (!`${error.message}${error.stack ?? ""}`.includes("\0")) return error;
  const kept = new Error(withoutNul(error.message));
  kept.stack = withoutNul(error.stack ?? "");
  return kept;
}

function finalError(Unrecoverable: new (message?: string) => Error, cause: Error): Error {
  const error = new Unrecoverable(cause.message);
  if (cause.stack !== undefined) error.stack = cause.stack;
  return error;
}
