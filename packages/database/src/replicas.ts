import type { Logger } from "@infra/interfaces";

import type { DatabaseService } from "./database-service.js";

const probeMs = 1_000;

/** The read replicas: takes turns among those that answer, and asks the others every second whether they do again. */
export class Replicas {
  readonly all: readonly DatabaseService[];
  readonly #logger: Logger;
  readonly #down = new Set<DatabaseService>();
  #turn = 0;
  #probe: NodeJS.Timeout | undefined;
  #running = false;

  constructor(all: readonly DatabaseService[], logger: Logger) {
    this.all = all;
    this.#logger = logger;
  }

  /** How many answer. */
  get up(): number {
    return this.#running ? this.all.length - this.#down.size : 0;
  }

  /** One that is missing does not keep the database from starting. */
  async start(signal?: AbortSignal): Promise<void> {
    this.#running = true;
    await Promise.all(
      this.all.map((replica) =>
        replica.start({ signal }).catch((error: Error) => {
          this.#down.add(replica);
          // that it does not answer it has said itself
          if (!replica.reachable) return;
          const { url } = replica;
          this.#logger.warn("a replica can't be used", { url, reason: error.message });
        }),
      ),
    );
    this.#watch();
  }

  async stop(signal?: AbortSignal): Promise<void> {
    this.#running = false;
    clearTimeout(this.#probe);
    this.#probe = undefined;
    await Promise.all(this.all.map((replica) => replica.stop({ signal })));
    this.#down.clear();
  }

  /** The next one, if any answers. */
  next(): DatabaseService | undefined {
    if (!this.#running) return undefined;
    for (const replica of this.all) if (!replica.reachable) this.#down.add(replica);
    this.#watch();
    const up = this.all.filter((replica) => !this.#down.has(replica));
    this.#turn += 1;
    return up[this.#turn % Math.max(up.length, 1)];
  }

  #watch(): void {
    if (this.#down.size === 0 || this.#probe !== undefined) return;
    this.#probe = setTimeout(() => void this.#ask(), probeMs);
    this.#probe.unref();
  }

  async #ask(): Promise<void> {
    await Promise.all(
      [...this.#down].map(async (replica) => {
        try {
          await replica.start();
          if ((await replica.health()).status !== "down") this.#down.delete(replica);
        } catch {
          // its own log says so
        }
      }),
    );
    this.#probe = undefined;
    if (this.#running) this.#watch();
  }
}
