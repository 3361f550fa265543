import { randomBytes } from "node:crypto";

import { testDatabases, testRedis } from "@infra/testing";
import { openTestDatabase } from "@infra/testing/database";
import { afterAll, afterEach, describe } from "@jest/globals";

import { JobsService, type JobsDependencies, type JobsOptions } from "../src/index.js";

/** Makes services on one engine. */
export interface EngineUnderTest {
  readonly name: string;
  /** A service on a queue of the test's own; the same `queue` again shares it. */
  make(options?: JobsOptions, deps?: JobsDependencies): Promise<JobsService>;
  /** The database that the jobs are kept in. */
  database(): Promise<ReturnType<typeof openTestDatabase>>;
}

/** Runs a suite on every engine that there is; what it made is stopped after each test. */
export async function onEveryEngine(
  title: string,
  suite: (engine: EngineUnderTest) => void,
  names: readonly string[] = ["memory", "redis", "embedded", "postgres"],
): Promise<void> {
  const redis = testRedis(process.env);
  const databases = await testDatabases(process.env);
  const engines = [
    { name: "memory", title: "memory", missing: undefined, url: undefined, close: undefined },
    redis,
    ...databases,
  ].filter(({ name }) => names.includes(name));
  for (const engine of engines) {
    const present = engine.missing === undefined ? describe : describe.skip;
    present(`${title} on ${engine.title}`, () => {
      const made: JobsService[] = [];
      let queue = newQueue();
      let opened: Promise<ReturnType<typeof openTestDatabase>> | undefined;
      const database = (): Promise<ReturnType<typeof openTestDatabase>> =>
        (opened ??= (async () => {
          const service = openTestDatabase(await engine.url!());
          await service.start();
          return service;
        })());
      afterEach(async () => {
        await Promise.all(made.splice(0).map((each) => each.stop()));
        queue = newQueue();
      });
      afterAll(async () => {
        await (await opened)?.stop();
        await engine.close?.();
      });
      suite({
        name: engine.name,
        database,
        async make(options = {}, deps = {}) {
          const all: JobsOptions = { queue, stopTimeout: "5s", abortGrace: "200ms", ...options };
          const service =
            engine.name === "memory"
              ? new JobsService({ url: "memory:", ...all }, deps)
              : engine.name === "redis"
                ? new JobsService({ url: await engine.url!(), ...all }, deps)
                : new JobsService(all, { database: await database(), ...deps });
          made.push(service);
          return service;
        },
      });
    });
  }
}

function newQueue(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}
