// node cache-process.ts URL PREFIX: a process with a cache, which does what it is told by messages `{ id, call, args }` and
// answers `{ id, value }` or `{ id, error }`.
import { CacheService } from "../../src/index.js";

const [url, prefix] = process.argv.slice(2) as [string, string];
const cache = new CacheService({ url, prefix, storeTimeout: "10s", connectTimeout: "20s" });

interface Call {
  readonly id: number;
  readonly call: keyof typeof calls;
  readonly args: readonly never[];
}

const calls = {
  start: () => cache.start(),
  get: (key: string) => cache.get(key),
  set: (key: string, value: unknown, tags: string[]) => cache.set(key, value, { tags }),
  invalidateTags: (tags: string[]) => cache.invalidateTags(tags),
  delete: (key: string) => cache.delete(key),
  /** Asks so often at the same time; the loader takes its time and says when it ran. */
  async stampede(key: string, times: number, takesMs: number) {
    const loads: [begin: number, end: number][] = [];
    const load = async (): Promise<string> => {
      const begin = Date.now();
      await new Promise((resolve) => setTimeout(resolve, takesMs));
      loads.push([begin, Date.now()]);
      return `loaded by ${process.pid}`;
    };
    const values = await Promise.all(
      Array.from({ length: times }, () => cache.getOrSet(key, load)),
    );
    return { loads, values: [...new Set(values)], asked: values.length };
  },
  async stop() {
    await cache.stop();
    stopped = true;
  },
};
let stopped = false;

process.on("message", ({ id, call, args }: Call) => {
  (calls[call] as (...given: readonly never[]) => Promise<unknown>)(...args).then(
    (value) => process.send!({ id, value }),
    (error: Error) => process.send!({ id, error: error.stack }),
  );
});
// with the test; once it has stopped there is nothing left that would keep it from ending by itself
process.on("disconnect", () => {
  if (!stopped) process.exit(1);
});
process.send!({ ready: true });
