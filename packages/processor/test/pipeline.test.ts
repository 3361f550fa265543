import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { PassThrough, Transform } from "node:stream";

import { describe, expect, it } from "@jest/globals";

import { Pipeline, StageFailedError, type PipelineProgress } from "../src/index.js";
import { rejection } from "./images.js";

function* count(to = Infinity): Generator<number> {
  for (let at = 0; at < to; at += 1) yield at;
}

function* broken(): Generator<number> {
  yield 1;
  throw new Error("no more");
}

describe("Pipeline", () => {
  it("passes items through its stages, typed from one to the next", async () => {
    const pipeline = Pipeline.from(count(10))
      .map("double", (item) => item * 2)
      .filter("few", (item) => item < 14)
      .flatMap("twice", (item) => [item, item + 1])
      .chunk("pairs", 4)
      .map("joined", (items) => items.join("-"));
    const texts: string[] = await pipeline.collect();
    expect(texts).toEqual(["0-1-2-3", "4-5-6-7", "8-9-10-11", "12-13"]);
  });

  it("does nothing before it is run, and can be run again", async () => {
    let begun = 0;
    const pipeline = Pipeline.from(() => {
      begun += 1;
      return count(3);
    });
    expect(begun).toBe(0);
    expect(await pipeline.collect()).toEqual([0, 1, 2]);
    expect(await pipeline.collect()).toEqual([0, 1, 2]);
    expect(begun).toBe(2);
  });

  it("asks the source for no more than the end wants", async () => {
    let taken = 0;
    function* source(): Generator<number> {
      for (const item of count()) {
        taken += 1;
        yield item;
      }
    }
    const items = Pipeline.from(source)
      .map("one", (item) => item)
      .map("many", async (item) => item, { concurrency: 4 })
      .iterate();
    for (let at = 0; at < 3; at += 1) await items.next();
    await new Promise(setImmediate);
    // three were asked for, four more are under way at the most
    expect(taken).toBeLessThanOrEqual(3 + 4 + 1);
    await items.return();
  });

  it("goes through Node.js streams with their back-pressure", async () => {
    let taken = 0;
    function* source(): Generator<Buffer> {
      for (;;) {
        taken += 1;
        yield Buffer.alloc(64 * 1024);
      }
    }
    const items = Pipeline.from(source)
      .through("pass", () => new PassThrough())
      .iterate();
    for (let at = 0; at < 10; at += 1) await items.next();
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect(taken).toBeLessThan(40);
    await items.return();
    const upper = Pipeline.from(["a", "b"]).through(
      "upper",
      () =>
        new Transform({
          writableObjectMode: true,
          transform: (item: string, _encoding, done) => done(undefined, item.toUpperCase()),
        }),
    );
    expect((await upper.collect()).join("")).toBe("AB");
  });

  it("names the stage that failed, and tells the others", async () => {
    const signals: AbortSignal[] = [];
    const pipeline = Pipeline.from(count())
      .pipe("first", (items: AsyncIterable<number>, { signal }) => {
        signals.push(signal);
        return items;
      })
      .map("second", (item) => {
        if (item === 3) throw new RangeError("three is too much");
        return item;
      })
      .map("third", (item) => item);
    const error = await rejection(pipeline.run());
    expect(StageFailedError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_STAGE_FAILED",
      message: 'the stage "second" failed: three is too much',
      details: { stage: "second", items: 3 },
      cause: { name: "RangeError" },
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("names the source, and streams, when they fail", async () => {
    const source = await rejection(Pipeline.from(broken, "the file").run());
    expect(source).toMatchObject({ details: { stage: "the file", items: 1 } });
    const stream = Pipeline.from([Buffer.from("x")]).through(
      "zip",
      () => new Transform({ transform: (_chunk, _encoding, done) => done(new Error("bad block")) }),
    );
    expect(await rejection(stream.run())).toMatchObject({
      details: { stage: "zip" },
      cause: { message: "bad block" },
    });
    const later = Pipeline.from(broken, "the file").through(
      "pass",
      () => new PassThrough({ objectMode: true }),
    );
    expect(await rejection(later.run())).toMatchObject({ details: { stage: "the file" } });
  });

  it("keeps the status and the public message of what failed", async () => {
    const pipeline = Pipeline.from(count(1)).map("parse", () => {
      throw Object.assign(new Error("x"), {
        status: 422,
        retryable: false,
        publicMessage: "Not so.",
      });
    });
    expect(await rejection(pipeline.run())).toMatchObject({
      status: 422,
      publicMessage: "Not so.",
    });
  });

  it("ends with the signal's reason, also when a stage does not listen", async () => {
    const controller = new AbortController();
    const pipeline = Pipeline.from(count()).map("slow", async (item) => {
      if (item === 5) controller.abort(new Error("enough"));
      return item;
    });
    expect((await rejection(pipeline.run({ signal: controller.signal }))).message).toBe("enough");
    const aborted = AbortSignal.abort(new Error("before it began"));
    expect((await rejection(pipeline.run({ signal: aborted }))).message).toBe("before it began");
  });

  it.each(["to its end", "a failure", "a break", "an abort"])(
    "removes temporary files after %s",
    async (how) => {
      const controller = new AbortController();
      const paths: string[] = [];
      const pipeline = Pipeline.from(count(5)).map("write", async (item, context) => {
        const path = await context.tempFile("part.bin");
        await writeFile(path, "x");
        paths.push(path, await context.tempDirectory());
        if (how === "a failure" && item === 2) throw new Error("x");
        if (how === "an abort" && item === 2) controller.abort();
        return path;
      });
      const run = async (): Promise<void> => {
        for await (const path of pipeline.iterate({ signal: controller.signal })) {
          expect(existsSync(path)).toBe(true);
          if (how === "a break") break;
        }
      };
      await run().catch(() => {});
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths)
        expect([path, existsSync(path), existsSync(dirname(path)) && path.endsWith("bin")]).toEqual(
          [path, false, false],
        );
    },
  );

  it("closes the source when its items are read no further", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (const item of count()) yield item;
      } finally {
        closed = true;
      }
    }
    for await (const item of Pipeline.from(source)
      .map("same", (each) => each)
      .iterate()) {
      if (item === 2) break;
    }
    expect(closed).toBe(true);
  });

  it("tells how far it has come, and what a listener throws changes nothing", async () => {
    const told: PipelineProgress[] = [];
    const report = await Pipeline.from(count(4))
      .filter("even", (item) => item % 2 === 0)
      .run({
        onProgress: (progress) => {
          told.push(progress);
          throw new Error("a listener's own concern");
        },
      });
    expect(told.map(({ items }) => items)).toEqual([1, 2]);
    expect(report).toMatchObject({
      items: 2,
      stages: [
        { name: "source", items: 4 },
        { name: "even", items: 2 },
      ],
    });
  });

  it("keeps no more than maxItems", async () => {
    const error = await rejection(Pipeline.from(count()).collect({ maxItems: 10 }));
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_LIMIT",
      details: { limit: "maxItems", allowed: 10 },
    });
  });

  it("refuses a name that is taken, or none", () => {
    const pipeline = Pipeline.from(count()).map("one", (item) => item);
    expect(() => pipeline.map("one", (item) => item)).toThrow('no other stage has, got "one"');
    expect(() => pipeline.map("", (item) => item)).toThrow('got ""');
    expect(() => pipeline.chunk("chunks", 0)).toThrow("size must be a whole number from 1");
  });
});
