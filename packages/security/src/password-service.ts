import { availableParallelism } from "node:os";

import {
  section,
  tokens,
  type Inject,
  type Managed,
  type PasswordHasher,
  type PasswordHashOptions,
  type Token,
} from "@infra/interfaces";
import { QueueFullError, Semaphore } from "@infra/promises";

import { passwordsConfig } from "./config.js";
import { Argon2Algorithm } from "./drivers/argon2.js";
import { BcryptAlgorithm } from "./drivers/bcrypt.js";
import { ScryptAlgorithm } from "./drivers/scrypt.js";
import { PasswordQueueFullError, PasswordRefusedError, UnknownHashError } from "./errors.js";
import type { PasswordAlgorithm } from "./password-algorithm.js";

/** Options of {@link PasswordService}. */
export interface PasswordOptions {
  /** What hashes new passwords: one by name with its defaults, or one made with options of its own. @default "scrypt" */
  readonly algorithm?: "argon2id" | "scrypt" | "bcrypt" | PasswordAlgorithm | undefined;
  /** Further algorithms that old hashes were made with. Argon2id, scrypt and bcrypt are always read. @default none */
  readonly legacy?: readonly PasswordAlgorithm[] | undefined;
  /**
   * How many are hashed at once. Each takes a thread of libuv's pool, which has four, for files and DNS too, unless
   * UV_THREADPOOL_SIZE says otherwise.
   *
   * @default one less than there are cores, 1 or 2
   */
  readonly concurrency?: number | undefined;
  /** How many more may wait. @default 500 */
  readonly maxWaiting?: number | undefined;
}

/** How many passwords are at work. */
export interface PasswordStats {
  readonly hashing: number;
  readonly waiting: number;
}

/** More characters than anybody types, few enough not to be work. */
const mostCharacters = 1024;

/**
 * Hashes passwords, so many at a time and no more: a burst of logins waits in line here, in place of keeping files and
 * DNS waiting in the thread pool. Passwords are normalised (NFC, NIST SP 800-63B-4), and every character counts, NUL and
 * those beyond the 72nd byte too.
 */
export class PasswordService implements PasswordHasher, Managed {
  static readonly provides: Token<PasswordHasher> = tokens.passwordHasher;
  static readonly inject: Inject<typeof PasswordService> = { options: section(passwordsConfig) };

  readonly #algorithm: PasswordAlgorithm;
  readonly #algorithms: readonly PasswordAlgorithm[];
  readonly #turns: Semaphore;
  readonly #concurrency: number;
  readonly #maxWaiting: number;

  /** @throws RangeError when an option is out of range, TypeError for an unknown algorithm. */
  constructor(options: PasswordOptions = {}) {
    const known = [new Argon2Algorithm(), new ScryptAlgorithm(), new BcryptAlgorithm()];
    const { algorithm = "scrypt", legacy = [] } = options;
    const named =
      typeof algorithm === "string" ? known.find(({ name }) => name === algorithm) : algorithm;
    if (!named) {
      throw new TypeError(
        `PasswordService: algorithm must be "argon2id", "scrypt", "bcrypt" or an algorithm, got ${JSON.stringify(algorithm)}`,
      );
    }
    this.#algorithm = named;
    this.#algorithms = [named, ...legacy, ...known];
    this.#concurrency = options.concurrency ?? Math.min(2, Math.max(1, availableParallelism() - 1));
    this.#maxWaiting = options.maxWaiting ?? 500;
    this.#turns = new Semaphore({ permits: this.#concurrency, maxWaiting: this.#maxWaiting });
  }

  /** Loads what hashing needs, so that a package that is missing is seen before the first login. */
  async start(): Promise<void> {
    await this.#algorithm.load?.();
  }

  /**
   * @throws PasswordRefusedError `ERR_SECURITY_PASSWORD_REFUSED` when it is empty or longer than 1,024 characters;
   * PasswordQueueFullError `ERR_SECURITY_PASSWORD_QUEUE_FULL`; PeerMissingError `ERR_PEER_MISSING`.
   */
  async hash(password: string, options: PasswordHashOptions = {}): Promise<string> {
    const normalised = normalise(password);
    if (normalised === undefined) {
      const message = `must have 1 to ${mostCharacters} characters`;
      throw new PasswordRefusedError(`the password ${message}`, {
        details: { issues: [{ path: ["password"], message, code: "length" }] },
      });
    }
    return await this.#inTurn(() => this.#algorithm.hash(normalised), options);
  }

  async verify(
    password: string,
    hash: string | undefined,
    options: PasswordHashOptions = {},
  ): Promise<boolean> {
    const algorithm = hash === undefined ? this.#algorithm : this.#algorithmOf(hash);
    const normalised = normalise(password);
    const matches = await this.#inTurn(
      () => algorithm.verify(normalised ?? "none", hash ?? algorithm.decoy()),
      options,
    );
    return matches && hash !== undefined && normalised !== undefined;
  }

  needsRehash(hash: string): boolean {
    return !this.#algorithm.reads(hash) || this.#algorithm.needsRehash(hash);
  }

  stats(): PasswordStats {
    return { hashing: this.#turns.active, waiting: this.#turns.waiting };
  }

  #algorithmOf(hash: string): PasswordAlgorithm {
    const algorithm = this.#algorithms.find((each) => each.reads(hash));
    if (algorithm) return algorithm;
    throw new UnknownHashError("no algorithm reads this password hash");
  }

  async #inTurn<T>(work: () => Promise<T>, options: PasswordHashOptions): Promise<T> {
    try {
      return await this.#turns.run(work, options);
    } catch (error) {
      if (!QueueFullError.is(error)) throw error;
      const [concurrency, maxWaiting] = [this.#concurrency, this.#maxWaiting];
      throw new PasswordQueueFullError(
        `${concurrency} passwords are being hashed and ${maxWaiting} wait: no more may`,
        { details: { concurrency, maxWaiting } },
      );
    }
  }
}

/** `undefined` when it is empty or too long. */
function normalise(password: string): string | undefined {
  if (typeof password !== "string") {
    throw new TypeError(`password must be a string, got ${typeof password}`);
  }
  // measured first: normalising a megabyte is work, too
  if (password.length === 0 || password.length > 2 * mostCharacters) return undefined;
  const normalised = password.normalize("NFC");
  return Array.from(normalised).length <= mostCharacters ? normalised : undefined;
}
