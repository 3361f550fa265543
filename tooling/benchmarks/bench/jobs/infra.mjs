import { defineJob, JobsService } from "@infra/jobs";

export async function open(url) {
  const mail = defineJob("mail");
  const queue = "bench";
  const jobs = new JobsService({ url, queue, work: false });
  await jobs.start();
  let worker;
  return {
    add: (payload) => jobs.enqueue(mail, payload),
    addMany: (payloads) =>
      jobs.enqueueMany(
        mail,
        payloads.map((payload) => ({ payload })),
      ),
    counts: async () => (await jobs.admin.counts()).waiting,
    async work(many, concurrency) {
      let seen = 0;
      worker = new JobsService({ url, queue, concurrency });
      await new Promise((resolve, reject) => {
        worker.handle(mail, () => void ((seen += 1) === many && resolve()));
        worker.start().catch(reject);
      });
      return seen;
    },
    async close() {
      await worker?.stop();
      await jobs.stop();
    },
  };
}
