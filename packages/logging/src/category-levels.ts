import { thresholdNumber, thresholds, type LogThreshold } from "./log-threshold.js";

/**
 * Which level passes in which category. A category without a level of its own has that of the one above it:
 * `database.pool` follows `database`, which follows the root.
 */
export class CategoryLevels {
  /** Grows with every change: what was derived from an older one has to be derived again. */
  version = 0;
  #root: LogThreshold;
  readonly #categories = new Map<string, LogThreshold>();

  /** @param categories - `"<category>=<level>"` each. */
  constructor(root: LogThreshold, categories: readonly string[]) {
    thresholdNumber(root, "level");
    this.#root = root;
    for (const each of categories) {
      if (!isCategoryLevel(each)) {
        throw new RangeError(`levels must hold "<category>=<level>"; got ${JSON.stringify(each)}`);
      }
      const [category, level] = each.trim().split("=");
      this.set(level as LogThreshold, category);
    }
  }

  get(category: string | undefined): LogThreshold {
    let name = category;
    while (name !== undefined && name !== "") {
      const own = this.#categories.get(name);
      if (own !== undefined) return own;
      name = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    }
    return this.#root;
  }

  set(threshold: LogThreshold, category?: string): void {
    thresholdNumber(threshold, "level");
    if (category === undefined) this.#root = threshold;
    else this.#categories.set(category, threshold);
    this.version++;
  }

  /** Makes a category follow the one above it again. */
  reset(category: string): void {
    this.#categories.delete(category);
    this.version++;
  }
}

/** Whether a text is `<category>=<level>`. */
export function isCategoryLevel(text: string): boolean {
  const [category = "", level, ...more] = text.trim().split("=");
  return /^\S+$/.test(category) && more.length === 0 && thresholds.includes(level as LogThreshold);
}
