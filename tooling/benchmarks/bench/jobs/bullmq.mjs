import { createNodeRedisClient, Queue, Worker } from "bullmq";
import { createClient } from "redis";

export async function open(url) {
  const raw = createClient({ url });
  await raw.connect();
  const connection = createNodeRedisClient(raw);
  const defaultJobOptions = { removeOnComplete: { count: 1_000, age: 86_400 } };
  const queue = new Queue("bench", { connection, defaultJobOptions });
  await queue.waitUntilReady();
  let worker;
  return {
    add: (payload) => queue.add("mail", payload),
    addMany: (payloads) => queue.addBulk(payloads.map((data) => ({ name: "mail", data }))),
    waiting: async () => (await queue.getJobCounts("wait")).wait,
    work(concurrency, handle) {
      worker = new Worker("bench", async () => handle(), { connection, concurrency });
      worker.on("error", () => {});
    },
    async close() {
      await worker?.close();
      await queue.close();
      raw.destroy();
    },
  };
}
