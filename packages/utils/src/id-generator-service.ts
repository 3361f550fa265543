import { optional, section, tokens, type Clock, type IdGenerator } from "@infra/interfaces";
import type { Inject, Token } from "@infra/interfaces";

import { idsConfig } from "./config.js";
import { nanoid } from "./nanoid.js";
import type { RandomSource } from "./random-source.js";
import { ulidSequence } from "./ulid.js";
import { uuidv4, uuidv7Sequence } from "./uuid.js";

/** Options of {@link IdGeneratorService}. */
export interface IdGeneratorOptions {
  /** `uuidv7` and `ulid` sort by the time of their making. @default "uuidv7" */
  readonly format?: "uuidv7" | "uuidv4" | "ulid" | "nanoid";
  /** `seededRandom(1)` makes the ids of a test foreseeable. @default secureRandom */
  readonly random?: RandomSource | undefined;
}

/** Collaborators of {@link IdGeneratorService}. */
export interface IdGeneratorDependencies {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Makes the ids of an application. */
export class IdGeneratorService implements IdGenerator {
  // what is read at import time would keep the class in every bundle of the package
  static readonly provides: Token<IdGenerator> = /* @__PURE__ */ (() => tokens.idGenerator)();
  static readonly inject: Inject<typeof IdGeneratorService> = /* @__PURE__ */ (() => ({
    options: section(idsConfig),
    clock: optional(tokens.clock),
  }))();

  readonly #next: () => string;

  /** @throws RangeError when the format is not one of the four. */
  constructor(options: IdGeneratorOptions = {}, deps: IdGeneratorDependencies = {}) {
    this.#next = source(options, deps);
  }

  next(): string {
    return this.#next();
  }
}

function source(
  { format = "uuidv7", random }: IdGeneratorOptions,
  { clock }: IdGeneratorDependencies,
): () => string {
  switch (format) {
    case "uuidv7":
      return uuidv7Sequence({ clock, random });
    case "ulid":
      return ulidSequence({ clock, random });
    case "uuidv4":
      return () => uuidv4(random);
    case "nanoid":
      return () => nanoid({ random });
    default:
      throw new RangeError(
        `IdGeneratorService: format must be "uuidv7", "uuidv4", "ulid" or "nanoid", got ${JSON.stringify(format)}`,
      );
  }
}
