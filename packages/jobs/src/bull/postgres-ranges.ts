import type { BackendFactory, BullBackend } from "./bull-types.js";

interface RangeBackend extends BullBackend {
  getCounts(types: readonly string[]): Promise<readonly number[]>;
  getRanges(
    types: readonly string[],
    start: number,
    end: number,
    ascending: boolean,
  ): Promise<readonly (readonly string[])[]>;
}

/** Those that BullMQ takes for lists with the newest in front, as they are in Redis, and what they are counted as. */
const lists: Readonly<Record<string, readonly string[]>> = {
  wait: ["wait", "paused"],
  waiting: ["wait", "paused"],
  active: ["active"],
};

/**
 * BullMQ's backend for PostgreSQL, whose pages of what waits or runs begin with the oldest: its own are counted from the
 * newest, and turned over only within themselves.
 */
export function pagesFromOldest(make: BackendFactory): BackendFactory {
  return (name, options, extra) => {
    const backend = make(name, options, extra) as RangeBackend;
    const ranges = backend.getRanges.bind(backend);
    const range = async (type: string, start: number, end: number, ascending: boolean) => {
      const counted = lists[type];
      if (!ascending || end < 0 || !counted) {
        return (await ranges([type], start, end, ascending))[0]!;
      }
      const counts = await backend.getCounts(counted);
      const there = counts.reduce((sum, each) => sum + each, 0);
      const last = there - 1 - start;
      if (last < 0) return [];
      return (await ranges([type], Math.max(0, there - 1 - end), last, ascending))[0]!;
    };
    backend.getRanges = (types, start, end, ascending) =>
      Promise.all(types.map((type) => range(type, start, end, ascending)));
    return backend;
  };
}
