import { fc } from "@infra/jest-preset/fast-check";
import { settle } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

import {
  backoffMs,
  CircuitBreaker,
  limiter,
  mapConcurrent,
  mapIterable,
  ReadWriteLock,
  RetryBudget,
} from "../src/index.js";
import { listenersOf, surfaceRejections } from "./watch.js";

// hundreds of small programs, on a machine that may have other things to do
jest.setTimeout(60_000);

/** For how many turns of the event loop each piece of work goes on. */
const lengths = fc.array(fc.nat({ max: 4 }), { maxLength: 12 });
const concurrency = fc.constantFrom(1, 2, 3, 7, Infinity);
const runs = { numRuns: 60 };

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await settle();
}

/** Counts who is at work. */
class Gauge {
  running = 0;
  most = 0;

  async work<T>(during: Promise<T>): Promise<T> {
    this.most = Math.max(this.most, ++this.running);
    try {
      return await during;
    } finally {
      this.running--;
    }
  }
}

async function* streamed<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const [at, item] of items.entries()) {
    if (at % 2 === 0) await settle();
    yield item;
  }
}

const sources = fc.constantFrom(
  <T>(items: readonly T[]): Iterable<T> | AsyncIterable<T> => items,
  <T>(items: readonly T[]): Iterable<T> | AsyncIterable<T> => streamed(items),
);

describe("mapConcurrent()", () => {
  it("gives each result in its place, and never runs more than it may", async () => {
    await fc.assert(
      fc.asyncProperty(lengths, concurrency, sources, async (items, most, source) => {
        const gauge = new Gauge();
        const results = await mapConcurrent(
          source(items),
          (length, index) => gauge.work(turns(length).then(() => [length, index])),
          { concurrency: most },
        );
        expect(results).toEqual(items.map((length, index) => [length, index]));
        expect(gauge.most).toBeLessThanOrEqual(Math.min(most, items.length));
        expect(gauge.running).toBe(0);
      }),
      runs,
    );
  });

  it("with failures anywhere rejects with the first, begins nothing after it, and lets go", async () => {
    const failing = fc.array(fc.record({ length: fc.nat({ max: 4 }), fails: fc.boolean() }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(failing, concurrency, sources, async (items, most, source) => {
        fc.pre(items.some(({ fails }) => fails));
        const { signal } = new AbortController();
        const failed: number[] = [];
        const begunAfterwards: number[] = [];
        const result = mapConcurrent(
          source(items),
          async ({ length, fails }, index, context) => {
            if (context.signal.aborted) begunAfterwards.push(index);
            await turns(length);
            if (!fails) return;
            failed.push(index);
            throw new RangeError(String(index));
          },
          { concurrency: most, signal },
        );
        const error = await result.catch((thrown: unknown) => thrown);
        expect(error).toEqual(new RangeError(String(failed[0])));
        await surfaceRejections();
        expect(begunAfterwards).toEqual([]);
        expect(listenersOf(signal)).toBe(0);
      }),
      runs,
    );
  });
});

describe("mapIterable()", () => {
  it("gives the results in order, and never runs more than it may", async () => {
    await fc.assert(
      fc.asyncProperty(lengths, concurrency, sources, async (items, most, source) => {
        const gauge = new Gauge();
        const results: number[] = [];
        const mapped = mapIterable(
          source(items),
          (length, index) => gauge.work(turns(length).then(() => index)),
          { concurrency: most },
        );
        for await (const result of mapped) results.push(result);
        expect(results).toEqual(items.map((_length, index) => index));
        expect(gauge.most).toBeLessThanOrEqual(Math.min(most, items.length));
      }),
      runs,
    );
  });
});

describe("limiter()", () => {
  it("lets so many in, in their order, whoever fails or leaves the queue", async () => {
    const callers = fc.array(
      fc.record({ length: fc.nat({ max: 3 }), fails: fc.boolean(), leaves: fc.boolean() }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(callers, fc.integer({ min: 1, max: 4 }), async (items, most) => {
        const limit = limiter({ concurrency: most });
        const gauge = new Gauge();
        const leaving = new AbortController();
        const staying = new AbortController();
        const begun: number[] = [];
        const outcomes = items.map(({ length, fails, leaves }, at) =>
          limit(
            () => {
              begun.push(at);
              return gauge.work(
                turns(length).then(() => (fails ? Promise.reject(new Error(`${at}`)) : at)),
              );
            },
            { signal: leaves ? leaving.signal : staying.signal },
          ).catch((error: Error) => error.message),
        );
        await settle();
        const begunBefore = new Set(begun);
        leaving.abort(new Error("left"));
        const expected = items.map(({ fails, leaves }, at) => {
          if (leaves && !begunBefore.has(at)) return "left";
          return fails ? `${at}` : at;
        });
        expect(await Promise.all(outcomes)).toEqual(expected);
        expect(begun).toEqual(begun.toSorted((a, b) => a - b));
        expect(gauge.most).toBeLessThanOrEqual(most);
        expect([limit.active, limit.waiting]).toEqual([0, 0]);
        expect([listenersOf(leaving.signal), listenersOf(staying.signal)]).toEqual([0, 0]);
      }),
      runs,
    );
  });
});

describe("ReadWriteLock", () => {
  it("never lets a writer in beside anybody, and everybody in at last", async () => {
    const callers = fc.array(fc.record({ writes: fc.boolean(), length: fc.nat({ max: 3 }) }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(callers, async (items) => {
        const lock = new ReadWriteLock();
        /** How many others a caller met, of those it may not meet. */
        const met: number[] = [];
        let readers = 0;
        let writers = 0;
        const read = async (length: number): Promise<void> => {
          readers++;
          met.push(writers);
          await turns(length);
          readers--;
        };
        const write = async (length: number): Promise<void> => {
          met.push(readers + writers++);
          await turns(length);
          writers--;
        };
        await Promise.all(
          items.map(({ writes, length }) =>
            writes ? lock.write(() => write(length)) : lock.read(() => read(length)),
          ),
        );
        expect(met).toEqual(items.map(() => 0));
        expect([lock.readers, lock.writing, lock.waiting]).toEqual([0, false, 0]);
      }),
      runs,
    );
  });
});

describe("backoffMs()", () => {
  it("is a wait between nothing and the longest, after however many failures", () => {
    const times = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1e9 }));
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        times,
        times,
        fc.double({ min: 1, max: 10, noNaN: true }),
        unit,
        (failures, initial, max, factor, random) => {
          const options = { initial, max, factor };
          const longest = backoffMs(failures, { ...options, jitter: "none" });
          expect(longest).toBeGreaterThanOrEqual(Math.min(initial, max));
          expect(longest).toBeLessThanOrEqual(max);
          expect(backoffMs(failures, options, () => random)).toBe(longest * random);
        },
      ),
    );
  });
});

describe("RetryBudget", () => {
  it("never allows more retries than were paid for, beyond its reserve", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat({ max: 10 }),
        (steps, ratio, reserve) => {
          const budget = new RetryBudget({ ratio, reserve });
          let paid = reserve;
          let taken = 0;
          for (const deposits of steps) {
            if (deposits) {
              budget.deposit();
              paid += ratio;
            } else if (budget.withdraw()) taken++;
            expect(taken).toBeLessThanOrEqual(paid + 1e-9);
            expect(budget.available).toBeLessThanOrEqual(reserve);
          }
        },
      ),
    );
  });
});

describe("CircuitBreaker", () => {
  it("opens with the very call that makes too large a part of the last ones failures", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(0.25, 0.5, 1),
        async (outcomes, size, minimum, ratio) => {
          const breaker = new CircuitBreaker({ trip: { kind: "count", size, minimum, ratio } });
          const seen: boolean[] = [];
          for (const ok of outcomes) {
            await breaker
              .run(() => (ok ? undefined : Promise.reject(new Error("down"))))
              .catch(() => {});
            seen.push(ok);
            const last = seen.slice(-size);
            const enough = last.length >= Math.min(minimum, size);
            const bad = last.filter((each) => !each).length / last.length >= ratio;
            const opens = enough && bad && !ok;
            expect(breaker.state).toBe(opens ? "open" : "closed");
            if (opens) break;
          }
        },
      ),
      runs,
    );
  });
});
