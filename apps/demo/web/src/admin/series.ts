import type { Point, ProcessSeries } from "../../../src/admin/contract.js";

/** What one plot shows of each second of each process; `undefined` where there is nothing to show. */
export type Pick = (point: Point) => number | undefined;

/** Columns of one plot: the seconds, then a column for each process. */
export type Columns = [number[], ...(number | null)[][]];

/** Lines up what processes measured at moments of their own by whole seconds. */
export function columnsOf(processes: readonly ProcessSeries[], pick: Pick): Columns {
  const all = processes.flatMap(({ points }) => points.map(({ at }) => Math.floor(at / 1000)));
  const seconds = [...new Set(all)].toSorted((a, b) => a - b);
  const rows = new Map(seconds.map((second, at) => [second, at]));
  const columns = processes.map(({ points }) => {
    const column = seconds.map((): number | null => null);
    for (const point of points)
      column[rows.get(Math.floor(point.at / 1000))!] = pick(point) ?? null;
    return column;
  });
  return [seconds, ...columns];
}

/** One process in one plot in numbers, for who can't see the plot. */
export interface Summary {
  readonly name: string;
  readonly now: number | undefined;
  readonly mean: number | undefined;
  readonly most: number | undefined;
}

export function summaryOf({ process, points }: ProcessSeries, pick: Pick): Summary {
  const values = points.map(pick).filter((value) => value !== undefined);
  const sum = values.reduce((a, b) => a + b, 0);
  const some = values.length > 0;
  return {
    name: process.name,
    now: points.length > 0 ? pick(points.at(-1)!) : undefined,
    mean: some ? sum / values.length : undefined,
    most: some ? Math.max(...values) : undefined,
  };
}
