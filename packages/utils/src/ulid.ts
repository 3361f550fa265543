import { toBase32 } from "./base32.js";
import { TimeOrderedSequence, type IdSources } from "./time-ordered-sequence.js";
import { writeTime } from "./uuid.js";

/** Makes a function of ULIDs, each greater than the one before, also within a millisecond. */
export function ulidSequence(sources: IdSources = {}): () => string {
  const next = base32Sequence(sources);
  return () => next().toUpperCase();
}

/** A ULID: 26 characters, sorts by the time of its making, within this process strictly. */
export const ulid: () => string = /* @__PURE__ */ ulidSequence();

/** The same in small letters, as prefixed ids have it. */
export function base32Sequence(sources: IdSources): () => string {
  const sequence = new TimeOrderedSequence(0x7f, sources);
  return () => {
    const { timeMs, tail } = sequence.next();
    const bytes = new Uint8Array(16);
    writeTime(bytes, timeMs);
    bytes.set(tail, 6);
    return toBase32(bytes);
  };
}
