import { systemClock, type Clock } from "@infra/interfaces";

import { secureRandom, type RandomSource } from "./random-source.js";

/** Where a sequence of ids takes time and randomness from. */
export interface IdSources {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default secureRandom */
  readonly random?: RandomSource | undefined;
}

/** The time and the random tail of one id. */
export interface TimeOrderedBits {
  readonly timeMs: number;
  /** Ten bytes, of which the first is at most `firstByteMask` for the first id of a millisecond. */
  readonly tail: Uint8Array;
}

/**
 * Numbers that only ever grow: 48 bits of time and 80 of randomness. Within a millisecond, and while the clock stands
 * still or goes back, the tail grows by a random step, so that the next id sorts behind and still can't be guessed.
 */
export class TimeOrderedSequence {
  readonly #firstByteMask: number;
  readonly #clock: Clock;
  readonly #random: RandomSource;
  #timeMs = -1;
  #tail = new Uint8Array(10);

  /** @param firstByteMask - leaves the upper bits clear, so that growing never overflows. */
  constructor(firstByteMask: number, sources: IdSources) {
    this.#firstByteMask = firstByteMask;
    this.#clock = sources.clock ?? systemClock;
    this.#random = sources.random ?? secureRandom;
  }

  /** The tail is only good until the next call. */
  next(): TimeOrderedBits {
    const now = Math.floor(this.#clock.now());
    if (now > this.#timeMs) {
      this.#timeMs = now;
      this.#tail = this.#random(10).slice();
      this.#tail[0]! &= this.#firstByteMask;
    } else {
      this.#grow();
    }
    return { timeMs: this.#timeMs, tail: this.#tail };
  }

  #grow(): void {
    const step = this.#random(4);
    let carry = 1;
    for (let at = 9; at >= 0 && (carry > 0 || at > 5); at--) {
      const sum = this.#tail[at]! + carry + (at > 5 ? step[at - 6]! : 0);
      this.#tail[at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
