import { setMaxListeners } from "node:events";

import { isError } from "@infra/errors";
import type { Clock, HealthReport, Logger, StartContext, StopContext } from "@infra/interfaces";
import { linkSignals } from "@infra/promises";

import { StoppedError } from "./errors.js";
import type { NamedProvider, ProviderRegistry } from "./provider-registry.js";
import type { StorageEvent, StorageListener } from "./storage-event.js";
import { TrackedStream } from "./tracked-stream.js";

/** The calls of a storage while they are under way: counted, told of, and waited for when it stops. */
export class Operations {
  readonly #providers: ProviderRegistry;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopTimeoutMs: number;
  readonly #listeners = new Set<StorageListener>();
  readonly #active = new Set<object>();
  #givenUp = boundless();
  #state: "open" | "stopping" | "stopped" = "open";
  #idle: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(providers: ProviderRegistry, clock: Clock, logger: Logger, stopTimeoutMs: number) {
    this.#providers = providers;
    this.#clock = clock;
    this.#logger = logger;
    this.#stopTimeoutMs = stopTimeoutMs;
  }

  async start(context: StartContext): Promise<void> {
    await this.#stopping;
    this.#state = "open";
    this.#stopping = undefined;
    if (this.#givenUp.signal.aborted) this.#givenUp = boundless();
    await this.#providers.start(context);
  }

  stop(context: StopContext): Promise<void> {
    this.#stopping ??= this.#stop(context);
    return this.#stopping;
  }

  async health(): Promise<HealthReport> {
    if (this.#state !== "open") return { status: "down", message: "the storage is stopped" };
    const reports = [...(await this.#providers.health())];
    const bad = reports.filter(([, { status }]) => status !== "up");
    const details = Object.fromEntries(reports.map(([name, { status }]) => [name, status]));
    if (bad.length === 0) return { status: "up", details };
    const message = bad
      .map(([name, { status, message: why }]) => `${name} is ${status}${why ? `: ${why}` : ""}`)
      .join("; ");
    const isDown = bad.some(([, { status }]) => status === "down");
    return { status: isDown ? "down" : "degraded", message, details };
  }

  subscribe(listener: StorageListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  announce(event: StorageEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error("a listener of storage events threw", { error });
      }
    }
  }

  /** Runs one call on a provider: a signal that aborts rejects it with its reason, once the provider has cleaned up. */
  async run<T>(
    operation: string,
    name: string | undefined,
    signal: AbortSignal | undefined,
    fileId: string | undefined,
    work: (provider: NamedProvider, signal: AbortSignal) => T | Promise<T>,
  ): Promise<T> {
    this.#checkOpen();
    signal?.throwIfAborted();
    const call = this.#begin();
    using link = linkSignals(signal, this.#givenUp.signal);
    let provider: NamedProvider | undefined;
    try {
      provider = await this.#providers.ready(name);
      provider.counts.active += 1;
      const result = await work(provider, link.signal);
      provider.counts.succeeded += 1;
      return result;
    } catch (thrown) {
      const error: unknown = link.signal.aborted ? link.signal.reason : thrown;
      if (provider) {
        provider.counts.failed += 1;
        this.announce({
          type: "failed",
          provider: provider.name,
          operation,
          ...(fileId !== undefined && { fileId }),
          error,
        });
      }
      throw error;
    } finally {
      if (provider) provider.counts.active -= 1;
      this.#end(call);
    }
  }

  /** A stream that counts as under way from its first chunk to its last. */
  track({ counts }: NamedProvider, stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return new TrackedStream(stream, () => {
      this.#checkOpen();
      const call = this.#begin();
      counts.active += 1;
      return {
        givenUp: this.#givenUp.signal,
        passed: (bytes) => void (counts.readBytes += bytes),
        ended: (failed) => {
          counts.active -= 1;
          if (failed) counts.failed += 1;
          this.#end(call);
        },
      };
    });
  }

  async #stop({ signal }: StopContext): Promise<void> {
    this.#state = "stopping";
    if (this.#active.size > 0) await this.#drained(signal);
    this.#state = "stopped";
    try {
      await this.#providers.stop({ signal });
    } catch (error) {
      this.#logger.error("a storage provider did not stop", { error });
      if (!isError(error)) throw error;
    }
  }

  /** Waits until nothing is under way; what takes too long is given up, and then waited for no more. */
  async #drained(signal: AbortSignal | undefined): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.#idle = resolve));
    const giveUp = (): void =>
      this.#givenUp.abort(new StoppedError("the storage was stopped before the call had ended"));
    const late = new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimeout(resolve, this.#stopTimeoutMs, { unref: true });
      signal?.addEventListener("abort", () => resolve(), { once: true });
      if (signal?.aborted) resolve();
      void idle.then(cancel);
    });
    await Promise.race([idle, late]);
    if (this.#active.size === 0) return;
    this.#logger.warn("calls of the storage were given up", { calls: this.#active.size });
    giveUp();
    // they clean up behind them, which must not hold up the end
    const cleaned = new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimeout(resolve, 1000, { unref: true });
      void idle.then(cancel);
    });
    await Promise.race([idle, cleaned]);
  }

  #begin(): object {
    const call = {};
    this.#active.add(call);
    return call;
  }

  #end(call: object): void {
    this.#active.delete(call);
    if (this.#active.size === 0) this.#idle?.();
  }

  #checkOpen(): void {
    if (this.#state === "open") return;
    throw new StoppedError("the storage is stopped; start() opens it again");
  }
}

/** A controller whose signal any number of calls may listen to. */
function boundless(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
