import type { Duplex } from "node:stream";

import { mapIterable } from "@infra/promises";

import { checkNumber } from "../check-argument.js";
import { limitError } from "../limit-error.js";
import {
  countsOf,
  runStages,
  type NamedStage,
  type PipelineProgress,
  type PipelineRunOptions,
} from "./run-stages.js";
import { streamStage, type Stage, type StageContext } from "./stage.js";

/** Options of {@link Pipeline.map} and its like. */
export interface StageOptions {
  /** How many items are under way at once; the order is kept. @default 1 */
  readonly concurrency?: number;
}

/** What {@link Pipeline.map} tells its function. */
export interface StageItemContext extends StageContext {
  /** The number of the item, from 0. */
  readonly index: number;
}

/** What {@link Pipeline.run} resolves to. */
export interface PipelineReport extends PipelineProgress {
  readonly elapsedMs: number;
}

/**
 * Items through named, typed stages: `Pipeline.from(rows).map("parse", parse).pipe("zip", gzip()).run({ signal })`. Nothing
 * happens before it is run, and it can be run again when its source can be read again. A stage is asked for an item when
 * the next one wants it, so a slow end slows the source down. When a stage fails, the rest are told by their signal, what
 * was temporary is removed, and the error names the stage.
 *
 * Every way to run it rejects with StageFailedError (`ERR_PROCESSOR_STAGE_FAILED`), or with the signal's reason.
 */
export class Pipeline<T> {
  readonly #source: NamedStage;
  readonly #stages: readonly NamedStage[];

  private constructor(source: NamedStage, stages: readonly NamedStage[]) {
    this.#source = source;
    this.#stages = stages;
  }

  /** Begins with items, or with a function that makes them for each run. @param name what errors call it */
  static from<T>(
    source:
      | Iterable<T>
      | AsyncIterable<T>
      | ((context: StageContext) => Iterable<T> | AsyncIterable<T>),
    name = "source",
  ): Pipeline<T> {
    async function* items(
      _: AsyncIterable<unknown>,
      context: StageContext,
    ): AsyncGenerator<T, void, undefined> {
      yield* typeof source === "function" ? source(context) : source;
    }
    return new Pipeline({ name, stage: items }, []);
  }

  /** Goes on with a stage. @throws TypeError when the name is empty or taken */
  pipe<Out>(name: string, stage: Stage<T, Out>): Pipeline<Out> {
    const taken = [this.#source, ...this.#stages].some((each) => each.name === name);
    if (typeof name !== "string" || name === "" || taken) {
      throw new TypeError(
        `the name of a stage must be a text that no other stage has, got ${JSON.stringify(name)}`,
      );
    }
    const added = { name, stage: stage as Stage<unknown, unknown> };
    return new Pipeline<Out>(this.#source, [...this.#stages, added]);
  }

  /** Goes on with a Node.js stream, made anew for each run: `.through("gzip", () => createGzip())`. */
  through<Out = Buffer>(name: string, make: () => Duplex): Pipeline<Out> {
    return this.pipe(name, streamStage<T, Out>(make));
  }

  /** Makes one item of each. */
  map<Out>(
    name: string,
    mapper: (item: T, context: StageItemContext) => Out | PromiseLike<Out>,
    options: StageOptions = {},
  ): Pipeline<Awaited<Out>> {
    const concurrency = checkNumber(options.concurrency ?? 1, "concurrency", { least: 1 });
    return this.pipe<Awaited<Out>>(name, (items, context) =>
      mapIterable(items, (item, index, { signal }) => mapper(item, { ...context, index, signal }), {
        concurrency,
        signal: context.signal,
      }),
    );
  }

  /** Makes any number of items of each. */
  flatMap<Out>(
    name: string,
    mapper: (item: T, context: StageItemContext) => Iterable<Out> | AsyncIterable<Out>,
  ): Pipeline<Out> {
    return this.pipe<Out>(name, async function* (items, context) {
      let index = 0;
      for await (const item of items) yield* mapper(item, { ...context, index: index++ });
    });
  }

  /** Goes on with the items that pass. */
  filter(
    name: string,
    passes: (item: T, context: StageItemContext) => boolean | PromiseLike<boolean>,
  ): Pipeline<T> {
    return this.pipe<T>(name, async function* (items, context) {
      let index = 0;
      for await (const item of items) {
        if (await passes(item, { ...context, index: index++ })) yield item;
      }
    });
  }

  /** Gathers items into arrays of so many; the last may hold fewer. */
  chunk(name: string, size: number): Pipeline<T[]> {
    checkNumber(size, "size", { least: 1, most: 1_000_000 });
    return this.pipe<T[]>(name, async function* (items) {
      let chunk: T[] = [];
      for await (const item of items) {
        chunk.push(item);
        if (chunk.length < size) continue;
        yield chunk;
        chunk = [];
      }
      if (chunk.length > 0) yield chunk;
    });
  }

  /** Runs it as its items are read: `for await (const item of pipeline.iterate({ signal }))`. */
  iterate(options: PipelineRunOptions = {}): AsyncGenerator<T, void, undefined> {
    return runStages(this.#source, this.#stages, options) as AsyncGenerator<T, void, undefined>;
  }

  /** Runs it for what its stages do. */
  async run(options: PipelineRunOptions = {}): Promise<PipelineReport> {
    const startedAt = performance.now();
    const counts = countsOf([this.#source, ...this.#stages]);
    const run = runStages(this.#source, this.#stages, options, counts);
    let items = 0;
    while (!(await run.next()).done) items += 1;
    return { items, stages: counts, elapsedMs: performance.now() - startedAt };
  }

  /** Runs it, and keeps what comes out. @throws LimitExceededError (`ERR_PROCESSOR_LIMIT`) beyond `maxItems`, by default 100,000 */
  async collect(options: PipelineRunOptions & { readonly maxItems?: number } = {}): Promise<T[]> {
    const { maxItems = 100_000 } = options;
    const all: T[] = [];
    for await (const item of this.iterate(options)) {
      if (all.length === maxItems) {
        throw limitError({
          what: "the result",
          limit: "maxItems",
          allowed: maxItems,
          unit: "items",
        });
      }
      all.push(item);
    }
    return all;
  }
}
