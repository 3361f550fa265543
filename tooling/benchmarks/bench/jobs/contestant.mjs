// node contestant.mjs LIBRARY WORK answer|measure: sends the payloads that were worked on, or jobs per second.
import { startRedis } from "@infra/testing";

const [library, work, what] = process.argv.slice(2);
const many = what === "answer" ? 100 : 5_000;
const server = await startRedis();
const { open } = await import(library === "bullmq" ? "./bullmq.mjs" : "./infra.mjs");
const queue = await open(server.url);
const payloadOf = (at) => ({ to: `user-${at}@example.org`, at });

const works = {
  async "enqueue, 20 in flight"() {
    let next = 0;
    const lane = async () => {
      while (next < many) await queue.add(payloadOf(next++));
    };
    await Promise.all(Array.from({ length: 20 }, lane));
  },
  async "bulk enqueue of 500"() {
    for (let at = 0; at < many; at += 500) {
      const size = Math.min(500, many - at);
      await queue.addMany(Array.from({ length: size }, (_, each) => payloadOf(at + each)));
    }
  },
  "no-op jobs, concurrency 10": () => queue.work(many, 10),
};

// warm, and where there is something to work on, it is there
const noop = work.startsWith("no-op");
if (noop) await addAll(many);
else for (let at = 0; at < 200; at += 1) await queue.add(payloadOf(at));
if (what === "answer" && !noop) {
  await works[work]();
  process.send((await queue.counts()) - 200);
} else {
  const startedAt = performance.now();
  const seen = await works[work]();
  const elapsedMs = performance.now() - startedAt;
  process.send(what === "answer" ? seen : (many * 1_000) / elapsedMs);
}
await queue.close();
await server.stop();
process.disconnect();

async function addAll(count) {
  for (let at = 0; at < count; at += 500) {
    const size = Math.min(500, count - at);
    await queue.addMany(Array.from({ length: size }, (_, each) => payloadOf(at + each)));
  }
}
