// node redis-rival.mjs LIBRARY URL: answers { wanted: "answer" } with some values, and { wanted: "turn", atOnce } with how many
// hits there are in a second, and the µs of CPU that one takes. Ends when it is disconnected.
import { keys, valueOf } from "./values.mjs";

const [library, url] = process.argv.slice(2);

/** `{ get, set }` of each. */
const makers = {
  "@keyv/redis": async () => {
    const { default: KeyvRedis } = await import("@keyv/redis");
    const adapter = new KeyvRedis(url);
    return {
      get: async (key) => JSON.parse(await adapter.get(key)),
      set: (key, value) => adapter.set(key, JSON.stringify(value)),
    };
  },
  "@infra/cache": async () => {
    const { CacheService } = await import("@infra/cache");
    // no hit may be given up, however busy the machine is
    const cache = new CacheService({ url, memory: false, storeTimeout: "10s" });
    return { get: (key) => cache.get(key), set: (key, value) => cache.set(key, value) };
  },
};

const contestant = await makers[library]();
for (const key of keys) await contestant.set(key, valueOf(key));

process.on("message", async ({ wanted, atOnce }) => {
  process.send(wanted === "answer" ? await answer() : await hitsPerSecond(atOnce));
});
process.once("disconnect", () => process.exit());
process.send("ready");

async function hitsPerSecond(atOnce) {
  const count = 500 * Math.min(atOnce, 4);
  let found = 0;
  let next = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const run = async () => {
    while (next < count) {
      if ((await contestant.get(keys[next++ % keys.length])) !== undefined) found += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  if (found !== count) throw new Error(`${count - found} of ${count} were no hits`);
  return { hits: (1000 * count) / tookMs, cpu: (user + system) / count };
}

function answer() {
  const some = [keys[0], keys[500], keys.at(-1)];
  return Promise.all(some.map((key) => contestant.get(key)));
}
