import { InfraError, PeerMissingError } from "@infra/errors";
import type { Clock, Database, Logger, StopContext } from "@infra/interfaces";
import { abortable, sleep, withTimeout } from "@infra/promises";

import type { PubSubEngine, StoredPage } from "./engine.js";
import type { Envelope, Position } from "./envelope.js";
import { PubSubUnavailableError } from "./errors.js";
import { openEngine } from "./open-engine.js";
import type { PubSubEvent } from "./pubsub-events.js";
import type { ResolvedOptions } from "./pubsub-options.js";
import { encodeWithin } from "./wire.js";

interface LinkHandler {
  onMessage(envelope: Envelope, via?: string): void;
  onGap(reason: string): void;
  tell(event: PubSubEvent): void;
}

interface LinkDependencies {
  readonly database: Database | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

const pageSize = 500;
const pauseMs = 500;

/** The engine, with time-outs, and with what its failure means. */
export class EngineLink {
  readonly isLocal: boolean;
  readonly name: string;
  connected = false;
  readonly #options: ResolvedOptions;
  readonly #deps: LinkDependencies;
  readonly #handler: LinkHandler;
  #engine: PubSubEngine | undefined;
  #opening: Promise<void> | undefined;
  // whether that has ended once, well or not: from then on messages go out as they come
  #begun = false;
  // publishes that are under way, and who waits for their end
  #underWay = 0;
  #idle: (() => void) | undefined;

  constructor(options: ResolvedOptions, deps: LinkDependencies, handler: LinkHandler) {
    this.#options = options;
    this.#deps = deps;
    this.#handler = handler;
    this.isLocal = options.url.scheme === "memory" && !options.engine;
    this.name = options.engine?.name ?? options.url.scheme;
  }

  /** Resolves when the engine is open, or goes on trying in the background. */
  ready(): Promise<void> {
    return (this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  /** An engine that can't hear now hears later: what was missed is a gap. */
  async listen(pattern: string): Promise<void> {
    try {
      await this.#run(() => this.#engine!.listen(pattern));
    } catch (error) {
      if (this.#options.failure === "throw") throw error;
      this.#deps.logger.debug("the engine can't be told what to listen to", { error });
    }
  }

  /** Never rejects: what still comes is heard by nobody. */
  async unlisten(pattern: string): Promise<void> {
    await this.#run(() => this.#engine!.unlisten(pattern)).catch((error: unknown) =>
      this.#deps.logger.debug("the engine can't be told what to listen to", { error }),
    );
  }

  /** `local` hands the message to this process, whatever becomes of the others. */
  async send(
    envelope: Envelope,
    signal: AbortSignal | undefined,
    local: () => void,
  ): Promise<void> {
    if (!this.#begun) await this.ready();
    // what is too large for the others is heard by nobody
    encodeWithin(envelope, this.#options.maxMessageBytes);
    local();
    try {
      await this.#publish(() => this.#engine!.send(envelope, { signal }), signal);
    } catch (error) {
      if (
        signal?.aborted ||
        this.#options.failure === "throw" ||
        !PubSubUnavailableError.is(error)
      ) {
        throw error;
      }
      this.#handler.tell({ type: "publish-failed", topic: envelope.topic, error });
    }
  }

  async append(envelope: Envelope, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#begun) await this.ready();
    await this.#publish(() => this.#engine!.append(envelope, { signal }), signal);
  }

  async read(
    pattern: string,
    after: Position | undefined,
    signal: AbortSignal | undefined,
    limit: number = pageSize,
  ): Promise<StoredPage> {
    return this.#run(() => this.#engine!.read(pattern, after, limit, { signal }), signal);
  }

  async position(signal?: AbortSignal): Promise<Position> {
    return this.#run(() => this.#engine!.position({ signal }), signal);
  }

  async ping(): Promise<void> {
    await this.ready();
    await this.#run(() => this.#engine!.ping());
  }

  pause(signal: AbortSignal): Promise<void> {
    return sleep(pauseMs, { signal, clock: this.#deps.clock });
  }

  /** After what is being published, each with its time-out. */
  async close({ signal }: StopContext): Promise<void> {
    await this.#opening?.catch(() => {});
    if (this.#underWay > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      await abortable(idle, { signal }).catch(() => {});
    }
    if (!this.#options.engine) await this.#engine?.close();
  }

  async #open(): Promise<void> {
    const { timeoutMs, failure } = this.#options;
    const engine = (this.#engine ??= await openEngine(this.#options, this.#deps));
    try {
      await this.#run(() =>
        engine.open({
          onMessage: (envelope, via) => this.#handler.onMessage(envelope, via),
          onGap: (reason) => this.#handler.onGap(reason),
          onState: (connected, error) => {
            if (connected === this.connected) return;
            this.connected = connected;
            this.#handler.tell(connected ? { type: "connected" } : { type: "disconnected", error });
          },
        }),
      );
    } catch (error) {
      if (PeerMissingError.is(error)) {
        this.#engine = undefined;
        throw error;
      }
      if (failure === "throw") throw error;
      this.#deps.logger.warn(`begins without its engine, after ${timeoutMs} ms at the most`, {
        error,
      });
    }
    this.#begun = true;
  }

  async #publish(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    this.#underWay += 1;
    try {
      await this.#run(work, signal);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle?.();
    }
  }

  async #run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { timeoutMs } = this.#options;
    if (this.isLocal) return work();
    try {
      return await withTimeout(work, {
        timeout: timeoutMs,
        signal,
        name: "the engine of publish and subscribe",
        clock: this.#deps.clock,
      });
    } catch (error) {
      if (signal?.aborted || PeerMissingError.is(error)) throw error;
      // a message that is too large is no outage
      if (InfraError.is(error) && error.code.startsWith("ERR_PUBSUB_")) throw error;
      throw new PubSubUnavailableError(
        `the engine can't be reached: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}
