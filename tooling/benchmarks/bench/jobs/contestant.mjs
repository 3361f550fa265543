// node contestant.mjs LIBRARY WORK answer|measure: sends how many jobs there were, or jobs per second.
import { startRedis } from "@infra/testing";

const [library, work, what] = process.argv.slice(2);
const measured = what === "measure";
const many = measured ? 15_000 : 100;
const warm = measured ? 3_000 : 20;
const server = await startRedis();
const { open } = await import(library === "bullmq" ? "./bullmq.mjs" : "./infra.mjs");
const queue = await open(server.url);
const payloadOf = (at) => ({ to: `user-${at}@example.org`, at });

async function oneByOne(count) {
  let next = 0;
  const lane = async () => {
    while (next < count) await queue.add(payloadOf(next++));
  };
  await Promise.all(Array.from({ length: 20 }, lane));
}

async function together(count) {
  for (let at = 0; at < count; at += 500) {
    const size = Math.min(500, count - at);
    await queue.addMany(Array.from({ length: size }, (_, each) => payloadOf(at + each)));
  }
}

/** Resolves to the seconds that it took, and how many jobs there were. */
const works = {
  "enqueue, 20 in flight": () => adding(oneByOne),
  "bulk enqueue of 500": () => adding(together),
  async "no-op jobs, concurrency 10"() {
    await together(warm + many);
    let done = 0;
    let startedAt;
    await new Promise((resolve) => {
      queue.work(10, () => {
        done += 1;
        if (done === warm) startedAt = performance.now();
        if (done === warm + many) resolve();
      });
    });
    return { count: done - warm, tookMs: performance.now() - startedAt };
  },
};

async function adding(add) {
  await add(warm);
  const startedAt = performance.now();
  await add(many);
  const tookMs = performance.now() - startedAt;
  return { count: (await queue.waiting()) - warm, tookMs };
}

const { count, tookMs } = await works[work]();
process.send(measured ? (1_000 * count) / tookMs : count);
await queue.close();
await server.stop();
process.disconnect();
