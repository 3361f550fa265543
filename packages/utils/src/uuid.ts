import type { RandomSource } from "./random-source.js";
import { TimeOrderedSequence, type IdSources } from "./time-ordered-sequence.js";

const hex = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** A random UUID (version 4). */
export function uuidv4(random?: RandomSource): string {
  return random ? uuidOf(random(16).slice(), 4) : crypto.randomUUID();
}

/**
 * Makes a function of UUIDs of version 7 (RFC 9562), each greater than the one before, also within a millisecond and when
 * the clock goes back.
 */
export function uuidv7Sequence(sources: IdSources = {}): () => string {
  // 74 bits remain beside time, version and variant; the uppermost stays clear at first
  const sequence = new TimeOrderedSequence(0b1, sources);
  return () => {
    const { timeMs, tail } = sequence.next();
    const bytes = new Uint8Array(16);
    writeTime(bytes, timeMs);
    // 12 bits behind the version, 62 behind the variant
    bytes[6] = ((tail[0]! & 0b11) << 2) | (tail[1]! >> 6);
    bytes[7] = ((tail[1]! & 0x3f) << 2) | (tail[2]! >> 6);
    bytes.set(tail.subarray(2), 8);
    return uuidOf(bytes, 7);
  };
}

/** A UUID of version 7: sorts by the time of its making, within this process strictly. */
export const uuidv7: () => string = /* @__PURE__ */ uuidv7Sequence();

/** Whether a value is a UUID, of any version or of this one. */
export function isUuid(value: unknown, version?: 4 | 7): value is string {
  return (
    typeof value === "string" &&
    /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(value) &&
    (version === undefined || value[14] === String(version))
  );
}

/** Writes 48 bits of time, the uppermost first. */
export function writeTime(bytes: Uint8Array, timeMs: number): void {
  let rest = timeMs;
  for (let at = 5; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function uuidOf(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let text = "";
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += "-";
    text += hex[bytes[at]!]!;
  }
  return text;
}
