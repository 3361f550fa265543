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
    waiting: async () => (await jobs.admin.counts()).waiting,
    work(concurrency, handle) {
      worker = new JobsService({ url, queue, concurrency });
      worker.handle(mail, () => handle());
      void worker.start();
    },
    async close() {
      await worker?.stop();
      await jobs.stop();
    },
  };
}
