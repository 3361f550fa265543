import type { ValidationIssue } from "@infra/errors";
import { silentLogger, type Logger } from "@infra/interfaces";

import { checkedCost } from "./checked-cost.js";
import { effectiveLength } from "./effective-length.js";
import { PasswordRefusedError } from "./errors.js";
import type { PwnedPasswords } from "./pwned-passwords.js";

/** Estimates how hard a password is to guess: `score` from 0, at once, to 4, not at all. */
export type PasswordStrength = (
  password: string,
  words: readonly string[],
) => Promise<{ readonly score: number; readonly warning?: string }>;

/** Options of {@link PasswordPolicy}. */
export interface PasswordPolicyOptions {
  /** Characters at least: 15, or 8 where a second factor is always asked for (NIST SP 800-63B-4). @default 15 */
  readonly minLength?: number | undefined;
  /** Characters at most, 64 at least. @default 256 */
  readonly maxLength?: number | undefined;
  /** Words that everybody tries here first: the name of the service. @default none */
  readonly words?: readonly string[] | undefined;
  /** The least score where there is a `strength`. @default 3 */
  readonly minScore?: number | undefined;
  /** What to do when the list of pwned passwords can't be asked: take the password, with a warning, or fail. @default "accept" */
  readonly pwnedUnavailable?: "accept" | "throw" | undefined;
}

/** Collaborators of {@link PasswordPolicy}. */
export interface PasswordPolicyDependencies {
  /** @default none is asked */
  readonly pwned?: PwnedPasswords | undefined;
  /** @default a plain count of the characters that add something */
  readonly strength?: PasswordStrength | undefined;
  readonly logger?: Logger | undefined;
}

/** Options of {@link PasswordPolicy.check}. */
export interface PasswordCheckOptions {
  /** What is known of the user: name, address, telephone. */
  readonly words?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a new password has to be like: long, hard to guess, and not one that is known from a breach. It asks for no digits
 * and no special characters: such rules make passwords more alike (NIST SP 800-63B-4 forbids them, ASVS 5 too).
 */
export class PasswordPolicy {
  readonly #minLength: number;
  readonly #maxLength: number;
  readonly #minScore: number;
  readonly #words: readonly string[];
  readonly #failsOpen: boolean;
  readonly #pwned: PwnedPasswords | undefined;
  readonly #strength: PasswordStrength | undefined;
  readonly #logger: Logger;

  /** @throws RangeError when a length is out of range: nothing under 8 is safe, and 64 have to be allowed. */
  constructor(options: PasswordPolicyOptions = {}, deps: PasswordPolicyDependencies = {}) {
    this.#minLength = checkedCost("PasswordPolicy: minLength", options.minLength ?? 15, 8, 64);
    this.#maxLength = checkedCost("PasswordPolicy: maxLength", options.maxLength ?? 256, 64, 1024);
    this.#minScore = checkedCost("PasswordPolicy: minScore", options.minScore ?? 3, 0, 4);
    this.#words = options.words ?? [];
    this.#failsOpen = options.pwnedUnavailable !== "throw";
    this.#pwned = deps.pwned;
    this.#strength = deps.strength;
    this.#logger = deps.logger ?? silentLogger;
  }

  /** What is wrong with a password, in words for its owner; empty when nothing is. */
  async check(
    password: string,
    options: PasswordCheckOptions = {},
  ): Promise<readonly ValidationIssue[]> {
    const issue = await this.#issueOf(password.normalize("NFC"), options);
    return issue ? [{ path: ["password"], ...issue }] : [];
  }

  /** @throws PasswordRefusedError `ERR_SECURITY_PASSWORD_REFUSED` when something is wrong with it. */
  async assert(password: string, options: PasswordCheckOptions = {}): Promise<void> {
    const issues = await this.check(password, options);
    if (issues.length === 0) return;
    throw new PasswordRefusedError(`the password ${issues[0]!.message}`, { details: { issues } });
  }

  async #issueOf(
    password: string,
    { words = [], signal }: PasswordCheckOptions,
  ): Promise<{ readonly code: string; readonly message: string } | undefined> {
    const length = password.length > 2 * this.#maxLength ? Infinity : Array.from(password).length;
    if (length < this.#minLength) {
      return { code: "too_short", message: `must have at least ${this.#minLength} characters` };
    }
    if (length > this.#maxLength) {
      return { code: "too_long", message: `must have at most ${this.#maxLength} characters` };
    }
    const known = [...this.#words, ...words];
    // more than half of the least has to be left without what repeats, counts up or names its owner
    if (effectiveLength(password, known) <= this.#minLength / 2) {
      return {
        code: "too_easy",
        message: "is too easy to guess: it repeats, counts, or is made of known words",
      };
    }
    const { score = 4, warning } = (await this.#strength?.(password, known)) ?? {};
    if (score < this.#minScore) {
      return { code: "too_easy", message: `is too easy to guess${warning ? `: ${warning}` : ""}` };
    }
    if (await this.#isPwned(password, signal)) {
      return { code: "pwned", message: "is known from a data breach" };
    }
    return undefined;
  }

  async #isPwned(password: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      return ((await this.#pwned?.count(password, { signal })) ?? 0) > 0;
    } catch (error) {
      if (signal?.aborted || !this.#failsOpen) throw error;
      this.#logger.warn("a password was not looked up among the pwned ones", { error });
      return false;
    }
  }
}
