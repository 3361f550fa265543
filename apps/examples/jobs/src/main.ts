// Three jobs and a schedule. JOBS_URL says where they are kept: pglite:./data/jobs (nothing to install),
// postgres://…, redis://…; DASHBOARD_TOKEN is what opens the dashboard.
import { timingSafeEqual } from "node:crypto";

import { defineJob, JobsService } from "@infra/jobs";
import { jobsDashboard } from "@infra/jobs/dashboard";
import fastify, { type FastifyRequest } from "fastify";
import { z } from "zod";

const welcome = defineJob("mail.welcome", {
  schema: z.object({ to: z.email() }),
  attempts: 5,
  backoff: { kind: "exponential", delay: "1s", max: "1m", jitter: 0.5 },
  timeout: "30s",
});
const thumbnail = defineJob<{ photo: string; width: number }, string>("photo.thumbnail");
const report = defineJob<{ photos: number }>("photo.report");

const jobs = new JobsService({ url: process.env["JOBS_URL"] ?? "pglite:./data/jobs" })
  .handle(welcome, ({ payload }) => console.log(`welcome, ${payload.to}`))
  .handle(thumbnail, ({ payload }) => `${payload.photo}@${payload.width}.webp`)
  .handle(report, async (job) => {
    const thumbnails = Object.values(await job.children()).map(String);
    console.log(`report of ${job.payload.photos}: ${thumbnails.toSorted().join(", ")}`);
  });
await jobs.start();
await jobs.schedule(
  "nightly",
  report,
  { photos: 0 },
  { cron: "0 3 * * *", timeZone: "Europe/Berlin" },
);

const token = Buffer.from(`Bearer ${process.env["DASHBOARD_TOKEN"] ?? "let me in"}`);
const guard = ({ headers }: FastifyRequest): boolean => {
  // a browser asks for a name and a password, and sends them as "Basic"
  const [kind, given = ""] = (headers.authorization ?? "").split(" ");
  const password = kind === "Basic" ? Buffer.from(given, "base64").toString().split(":")[1] : given;
  const offered = Buffer.from(`Bearer ${password}`);
  return offered.length === token.length && timingSafeEqual(offered, token);
};
const app = fastify();
await app.register(jobsDashboard<FastifyRequest>({ jobs, guard, realm: "jobs" }));
const address = await app.listen({ port: Number(process.env["PORT"] ?? 3000) });
console.log(`dashboard: ${address}/jobs/`);

const mail = await jobs.enqueue(welcome, { to: "ada@example.org" });
const flow = await jobs.enqueueFlow({
  definition: report,
  payload: { photos: 2 },
  children: [320, 640].map((width) => ({
    definition: thumbnail,
    payload: { photo: "cat", width },
  })),
});
await Promise.all([jobs.result(mail), jobs.result(flow.id)]);
console.log(`done on ${jobs.engine.name}: ${JSON.stringify(await jobs.admin.counts())}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void app
      .close()
      .then(() => jobs.stop({ signal: AbortSignal.timeout(10_000) }))
      .then(() => process.exit(0));
  });
}
