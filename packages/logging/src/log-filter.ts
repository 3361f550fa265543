import type { LogMeta } from "@infra/interfaces";

import { levelNumbers } from "./log-threshold.js";

/** How many categories are counted apart. */
const maxCounted = 1000;
/** What makes lines belong together: of one request either all are written or none. */
const togetherBy: readonly string[] = ["traceId", "requestId"];

interface Count {
  second: number;
  lines: number;
  held: number;
}

/** Lines that a rate limit held back. */
export interface HeldLines {
  readonly category: string | undefined;
  readonly lines: number;
}

/** Thins out what passes the levels: a share of the lines of a category, and so many a second. */
export class LogFilter {
  readonly #shares: ReadonlyMap<string, number>;
  readonly #maxPerSecond: number;
  readonly #random: () => number;
  readonly #counts = new Map<string | undefined, Count>();
  #sampled = 0;
  #limited = 0;

  /** @param sampling - `"<category>=<share>"` each; what is above a category counts for it too, `*` for all. */
  constructor(sampling: readonly string[], maxPerSecond: number, random: () => number) {
    if (!(maxPerSecond >= 1)) {
      throw new RangeError(`maxPerSecond must be a number from 1, got ${String(maxPerSecond)}`);
    }
    for (const each of sampling) {
      if (isSampling(each)) continue;
      throw new RangeError(
        `sampling must hold "<category>=<share from 0 to 1>"; got ${JSON.stringify(each)}`,
      );
    }
    this.#shares = new Map(
      sampling.map((each): [string, number] => {
        const [category, share] = each.trim().split("=") as [string, string];
        return [category, Number(share)];
      }),
    );
    this.#maxPerSecond = maxPerSecond;
    this.#random = random;
  }

  /** Lines that sampling left out. */
  get sampled(): number {
    return this.#sampled;
  }

  /** Lines that were too many in their second. */
  get limited(): number {
    return this.#limited;
  }

  /** Whether a line is written. Warnings and errors are never sampled, and a fatal line is never too many. */
  passes(
    level: number,
    category: string | undefined,
    time: number,
    context: LogMeta | undefined,
  ): boolean {
    if (level > levelNumbers.warn && this.#shares.size > 0 && !this.#isChosen(category, context)) {
      this.#sampled++;
      return false;
    }
    if (this.#maxPerSecond === Infinity || level === levelNumbers.fatal) return true;
    const count = this.#countOf(category, Math.floor(time / 1000));
    if (count.lines < this.#maxPerSecond) {
      count.lines++;
      return true;
    }
    count.held++;
    this.#limited++;
    return false;
  }

  /** What was held back in seconds before this one, told once; with `Infinity` all that was. */
  takeHeld(time: number): readonly HeldLines[] {
    const second = Math.floor(time / 1000);
    const held: HeldLines[] = [];
    for (const [category, count] of this.#counts) {
      if (count.held === 0 || count.second >= second) continue;
      held.push({ category, lines: count.held });
      count.held = 0;
    }
    return held;
  }

  #isChosen(category: string | undefined, context: LogMeta | undefined): boolean {
    const share = this.#shareOf(category);
    if (share >= 1) return true;
    const key = togetherBy.find((each) => typeof context?.[each] === "string");
    return (key === undefined ? this.#random() : placeOf(context![key] as string)) < share;
  }

  #shareOf(category: string | undefined): number {
    let name = category ?? "";
    while (name !== "") {
      const share = this.#shares.get(name);
      if (share !== undefined) return share;
      name = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    }
    return this.#shares.get("*") ?? 1;
  }

  #countOf(category: string | undefined, second: number): Count {
    let count = this.#counts.get(category);
    if (count === undefined) {
      if (this.#counts.size >= maxCounted) this.#counts.clear();
      count = { second, lines: 0, held: 0 };
      this.#counts.set(category, count);
    } else if (count.second !== second) {
      count.second = second;
      count.lines = 0;
    }
    return count;
  }
}

/** Whether a text is `<category>=<share>`. */
export function isSampling(text: string): boolean {
  const [category = "", share = "", ...more] = text.trim().split("=");
  return /^\S+$/.test(category) && /^(0(\.\d+)?|1(\.0+)?)$/.test(share) && more.length === 0;
}

/** A number from 0 to 1, the same for the same text in every process (FNV-1a). */
function placeOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  }
  // the last characters have to reach the highest bits too
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c_1b_3c_6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
