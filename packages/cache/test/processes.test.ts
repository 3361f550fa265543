import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { testRedis, until } from "@infra/testing";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";

import { RedisCacheStore } from "../src/drivers/redis.js";

const redis = testRedis(process.env);
const present = redis.missing === undefined ? describe : describe.skip;
const program = fileURLToPath(new URL("programs/cache-process.ts", import.meta.url));
const timeoutMs = 120_000;

interface Answer {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: string;
}

const children: ChildProcess[] = [];

/** A cache in a process of its own. */
class CacheProcess {
  readonly #child: ChildProcess;
  #calls = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.setMaxListeners(0);
  }

  static async begin(prefix: string): Promise<CacheProcess> {
    const child = fork(program, [await redis.url(), prefix], {
      execArgv: [...sourceFlags],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    children.push(child);
    await once(child, "message");
    const made = new CacheProcess(child);
    await made.ask("start");
    return made;
  }

  ask<T>(call: string, ...args: readonly unknown[]): Promise<T> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const take = (answer: Answer): void => {
        if (answer.id !== id) return;
        this.#child.off("message", take);
        if (answer.error === undefined) resolve(answer.value as T);
        else reject(new Error(answer.error));
      };
      this.#child.on("message", take);
      this.#child.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
      this.#child.send({ id, call, args });
    });
  }
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

const prefix = (): string => `test-${randomBytes(6).toString("hex")}`;

present(`processes that share ${redis.title}`, () => {
  afterAll(() => redis.close());

  it(
    "what one changes, the other forgets, though it has it in memory",
    async () => {
      const name = prefix();
      const [one, other] = await Promise.all([CacheProcess.begin(name), CacheProcess.begin(name)]);
      await one.ask("set", "key", "old", ["tag"]);
      await one.ask("set", "deleted", "old", []);
      await one.ask("set", "tagged", "old", ["tag"]);
      for (const key of ["key", "deleted", "tagged"]) {
        expect(await other.ask("get", key)).toBe("old");
      }
      await one.ask("set", "key", "new", []);
      await one.ask("delete", "deleted");
      await one.ask("invalidateTags", ["tag"]);
      await until(async () => (await other.ask("get", "key")) === "new");
      await until(async () => (await other.ask("get", "deleted")) === undefined);
      await until(async () => (await other.ask("get", "tagged")) === undefined);
    },
    timeoutMs,
  );

  it(
    "10,000 misses at a time in each of four: one call of the loader at a time in all",
    async () => {
      const name = prefix();
      const all = await Promise.all([0, 1, 2, 3].map(() => CacheProcess.begin(name)));
      const seen = await Promise.all(
        all.map((each) =>
          each.ask<{ loads: [number, number][]; values: string[]; asked: number }>(
            "stampede",
            "key",
            10_000,
            300,
          ),
        ),
      );
      expect(seen.map(({ asked }) => asked)).toEqual([10_000, 10_000, 10_000, 10_000]);
      expect(new Set(seen.flatMap(({ values }) => values)).size).toBe(1);
      const loads = seen.flatMap((each) => each.loads).toSorted(([a], [b]) => a - b);
      expect(loads).toHaveLength(1);
    },
    timeoutMs,
  );

  it(
    "one that is killed while it loads holds the others up for no longer than its lock",
    async () => {
      const name = prefix();
      const [one, other] = await Promise.all([CacheProcess.begin(name), CacheProcess.begin(name)]);
      one.ask("stampede", "key", 1, 3_600_000).catch(() => {});
      const store = new RedisCacheStore({ url: await redis.url(), prefix: name });
      await until(async () => (await store.get("@#l:key")) !== undefined);
      await store.close();
      const waiting = other.ask<{ values: string[] }>("stampede", "key", 10, 10);
      children[0]!.kill("SIGKILL");
      await once(children[0]!, "exit");
      expect((await waiting).values).toEqual([`loaded by ${children[1]!.pid}`]);
    },
    timeoutMs,
  );

  it(
    "stop() lets the process end by itself",
    async () => {
      const one = await CacheProcess.begin(prefix());
      await one.ask("set", "key", 1, []);
      await one.ask("stop");
      const [child] = children;
      const exit = once(child!, "exit");
      child!.disconnect();
      expect(await exit).toEqual([0, null]);
    },
    timeoutMs,
  );
});
