import { expect, it } from "@jest/globals";
import fastify from "fastify";

import { jobsDashboard } from "../src/dashboard.js";
import { defineJob, JobsService } from "../src/index.js";
import { onEveryEngine, type EngineUnderTest } from "./engines.js";

const mail = defineJob<{ to: string }>("mail.send");
const token = { authorization: "Bearer admin" };
const guard = ({ headers }: { headers: Record<string, unknown> }): boolean =>
  headers["authorization"] === token.authorization;

const refuses = (): never => {
  throw new Error("no");
};

it("jobsDashboard() of jobs in memory says that it can't", async () => {
  const app = fastify();
  app.register(jobsDashboard({ jobs: new JobsService({ url: "memory:" }), guard }) as never);
  await expect(app.ready()).rejects.toMatchObject({ code: "ERR_JOBS_UNSUPPORTED" });
  await app.close();
});

const suite = (engine: EngineUnderTest): void => {
  it("shows the jobs to whom the guard lets in, and nothing to others", async () => {
    const jobs = await engine.make({ queue: `dash-${process.pid}-${engine.name}` });
    await jobs.enqueue(mail, { to: "a@example.org" });
    const app = fastify();
    try {
      app.register(jobsDashboard({ jobs, guard, path: "/admin/jobs" }) as never);
      await app.ready();
      for (const url of ["/admin/jobs/", "/admin/jobs/api/queues"]) {
        expect((await app.inject({ url })).statusCode).toBe(403);
      }
      const page = await app.inject({ url: "/admin/jobs/", headers: token });
      expect(page.statusCode).toBe(200);
      expect(page.headers["content-type"]).toMatch("text/html");
      // nobody else is told who looks at them
      expect(page.body).not.toMatch(/https?:/);
      const queues = await app.inject({ url: "/admin/jobs/api/queues", headers: token });
      const [queue] = queues.json<{ queues: { name: string; counts: object }[] }>().queues;
      expect(queue!.name).toContain("dash-");
      expect(Object.values(queue!.counts)).toContain(1);
    } finally {
      await app.close();
    }
  });

  it("a guard that throws lets nobody in, and one that is missing is an error", async () => {
    const jobs = await engine.make();
    const app = fastify();
    app.register(jobsDashboard({ jobs, guard: refuses }) as never);
    try {
      expect((await app.inject({ url: "/jobs/" })).statusCode).toBe(403);
    } finally {
      await app.close();
    }
    expect(() => jobsDashboard({ jobs } as never)).toThrow("guard must be a function");
  });
};

await onEveryEngine("jobsDashboard()", suite, ["redis", "embedded", "postgres"]);
