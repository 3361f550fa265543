import type { HealthReport, Logger } from "@infra/interfaces";

import type { DatabaseService } from "./database-service.js";
import { Replicas } from "./replicas.js";

/** The databases that start and stop with one: its replicas, and those that it knows by name. */
export class OtherDatabases {
  readonly replicas: Replicas;
  readonly #named: ReadonlyMap<string, DatabaseService>;

  constructor(
    replicas: readonly DatabaseService[],
    named: readonly (readonly [name: string, database: DatabaseService])[],
    logger: Logger,
  ) {
    this.replicas = new Replicas(replicas, logger);
    this.#named = new Map(named);
  }

  get none(): boolean {
    return this.replicas.all.length === 0 && this.#named.size === 0;
  }

  connection(name: string): DatabaseService {
    const found = this.#named.get(name);
    if (found) return found;
    const known = [...this.#named.keys()].join(", ") || "none";
    throw new RangeError(
      `connection must be one of the option connections (${known}), got ${name}`,
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    try {
      await this.replicas.start(signal);
      await Promise.all([...this.#named.values()].map((each) => each.start({ signal })));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(signal?: AbortSignal): Promise<void> {
    const named = [...this.#named.values()].map((each) => each.stop({ signal }));
    await Promise.all([this.replicas.stop(signal), ...named]);
  }

  /** A report, and what has to be said besides. */
  async health(own: HealthReport): Promise<HealthReport> {
    for (const [name, each] of this.#named) {
      const { status, message = "" } = await each.health();
      if (status !== "up") return { ...own, status, message: `connection ${name}: ${message}` };
    }
    const { all, up } = this.replicas;
    if (up === all.length) return own;
    return {
      ...own,
      status: "degraded",
      message: `${all.length - up} of ${all.length} replicas do not answer; the others take the reads`,
    };
  }
}
