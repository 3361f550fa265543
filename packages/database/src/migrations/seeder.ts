import type { Logger } from "@infra/interfaces";
import type { Knex } from "knex";

import { MigrationSourceError, SeedError } from "../errors.js";
import type { AmbientTransaction } from "../transaction-scope.js";
import type { Seed } from "./seed.js";
import { readSteps, type StepSource } from "./step-source.js";

/** Options of `Seeder.run`. */
export interface SeedOptions {
  /** Only these. @default all */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What the seeder needs of the service. */
export interface SeedHost {
  readonly source: StepSource<Seed> | undefined;
  readonly logger: Logger;
  readonly knex: Knex;
  readonly ambient: AmbientTransaction;
  transaction<T>(work: () => Promise<T>, options: { readonly signal?: AbortSignal }): Promise<T>;
}

/** Runs seeds, each in a transaction. Nothing is written down: every call runs them again. */
export class Seeder {
  readonly #host: SeedHost;

  constructor(host: SeedHost) {
    this.#host = host;
  }

  /**
   * Runs the seeds in their order; gives their names.
   *
   * @throws SeedError (`ERR_DATABASE_SEED_FAILED`), MigrationSourceError (`ERR_DATABASE_MIGRATION_SOURCE`).
   */
  async run({ only, signal }: SeedOptions = {}): Promise<readonly string[]> {
    const { source, logger, knex, ambient } = this.#host;
    const entries = await readSteps(source, "seed", "seed");
    const unknown = only?.find((name) => !entries.some((entry) => entry.name === name));
    if (unknown !== undefined) {
      throw new MigrationSourceError(`there is no seed ${JSON.stringify(unknown)}`);
    }
    const chosen = entries.filter(({ name }) => only?.includes(name) ?? true);
    for (const entry of chosen) {
      const step = await entry.load();
      const work = async (): Promise<unknown> => step.seed(ambient.current()?.trx ?? knex);
      try {
        await this.#host.transaction(work, signal ? { signal } : {});
      } catch (cause) {
        throw new SeedError(
          `the seed ${entry.name} failed and was rolled back: ${(cause as Error).message}`,
          { cause, details: { seed: entry.name } },
        );
      }
      logger.info("seeded", { seed: entry.name });
    }
    return chosen.map(({ name }) => name);
  }
}
