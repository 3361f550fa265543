/** Where randomness comes from: so many random bytes. */
export type RandomSource = (size: number) => Uint8Array;

/** Unpredictable bytes, from the operating system. */
export const secureRandom: RandomSource = (size) => crypto.getRandomValues(new Uint8Array(size));

/**
 * The same bytes for the same seed, for tests. Predictable by design: nothing that has to be secret may come from it.
 *
 * @throws RangeError when the seed is not a whole number.
 */
export function seededRandom(seed: number): RandomSource {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`seededRandom: seed must be a whole number, got ${String(seed)}`);
  }
  // mulberry32: one 32-bit state, good enough to tell ids apart
  let state = seed | 0;
  return (size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at++) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      bytes[at] = (mixed ^ (mixed >>> 14)) >>> 24;
    }
    return bytes;
  };
}
