import { defineJob, JobsService } from "@infra/jobs";
import { LoggerService } from "@infra/logging";
import { PubSubClient } from "@infra/pubsub/client";
import { until } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { AdminFeed } from "../src/admin/admin-feed.js";
import type {
  AdminEvent,
  Configuration,
  Health,
  Jobs,
  Logs,
  Metrics,
  Overview,
} from "../src/admin/contract.js";
import { adminTopic } from "../src/contract.js";
import { AlbumApp } from "./support/album-app.js";
import type { Visitor } from "./support/visitor.js";

const app = new AlbumApp({ LOG_LEVEL: "info", LOG_CONSOLE: "false" });
/** The first account is the administrator. */
let admin: Visitor;
let other: Visitor;

beforeAll(async () => {
  await app.start();
  admin = await app.person("admin");
  other = await app.person("other");
}, 60_000);
afterAll(() => app.close(), 60_000);

const read = async <T>(path: string): Promise<T> => {
  const { status, body } = await admin.get<T>(`/api/admin/${path}`);
  expect(status).toBe(200);
  return body;
};

describe("the operators' routes", () => {
  it.each(["overview", "health", "metrics", "jobs", "logs", "config"])(
    "GET %s: 401 for nobody, 403 for others",
    async (path) => {
      expect((await app.visitor().get(`/api/admin/${path}`)).status).toBe(401);
      expect((await other.get(`/api/admin/${path}`)).status).toBe(403);
    },
  );

  it("POST jobs/redrive: 403 for others", async () => {
    expect((await other.post("/api/admin/jobs/redrive")).status).toBe(403);
  });

  it("GET overview: the start, the graph of services, and what stands behind them", async () => {
    const { process: info, startup, graph, engines } = await read<Overview>("overview");
    expect(info).toMatchObject({ role: "all", name: `all ${process.pid}` });
    expect(startup.totalMs).toBeGreaterThan(0);
    expect(startup.steps.find(({ name }) => name === "database")).toMatchObject({
      outcome: "done",
      durationMs: expect.any(Number),
    });
    expect(graph.edges).toContainEqual({ from: "Photos", to: "DatabaseService", kind: "direct" });
    expect(engines).toMatchObject({ jobs: expect.any(String), pubsub: "memory" });
    expect(engines["database"]).toMatch(/^pglite:/);
  });

  it("GET health: what each service says", async () => {
    const { status, checks } = await read<Health>("health");
    expect([status, checks["database"]?.status]).toEqual(["up", "up"]);
  });

  it("GET metrics: what this process did, second by second, and what is stored", async () => {
    await read("health");
    const busy = await until(async () => {
      const [one] = (await read<Metrics>("metrics")).processes;
      return one?.points.find(({ requests }) => requests > 0);
    });
    expect(busy).toMatchObject({ p50Ms: expect.any(Number), p99Ms: expect.any(Number) });
    expect(busy.p99Ms).toBeGreaterThanOrEqual(busy.p50Ms!);
    expect(busy.rssBytes).toBeGreaterThan(10_000_000);
  });

  it("GET logs: by level and text, the newest first, without a secret", async () => {
    const logger = app.demo.container.get(LoggerService);
    logger.info("needle one", { password: "hunter2" });
    logger.warn("needle two");
    // not by asking again and again: each request logs a line, and of many in a second the oldest are left out
    const feed = app.demo.container.get(AdminFeed);
    await until(() => feed.lines.some(({ message }) => message === "needle two"));
    const { lines: found } = await read<Logs>("logs?q=NEEDLE");
    expect(found.map(({ message }) => message)).toEqual(["needle two", "needle one"]);
    expect(found[1]!.meta).toBe('{"password":"[redacted]"}');
    const { lines } = await read<Logs>("logs?q=needle&level=warn");
    expect(lines.map(({ message }) => message)).toEqual(["needle two"]);
  });

  it("GET config: every value with where it came from, secrets masked", async () => {
    const { settings } = await read<Configuration>("config");
    const of = (path: string) => settings.find((each) => each.path === path);
    expect(of("server.port")).toMatchObject({ value: "0", source: "PORT in the environment" });
    expect(of("encryption.key")).toMatchObject({ value: "[secret]" });
    expect(of("server.bodyLimit")).toMatchObject({ source: "default" });
    expect(JSON.stringify(settings)).not.toContain("a key for tests");
  });

  it("jobs: what failed for good is listed, and waits again, one or all, when it is told to", async () => {
    const jobs = app.demo.container.get(JobsService);
    const fragile = defineJob<{ readonly n: number }>("test.fragile");
    let isBroken = true;
    jobs.handle(fragile, () => {
      if (isBroken) throw new Error("no luck");
    });
    const ids = await Promise.all([1, 2].map((n) => jobs.enqueue(fragile, { n })));
    const failed = await until(async () => {
      const answer = await read<Jobs>("jobs?state=failed");
      return answer.counts.failed === 2 && answer;
    });
    expect(failed.jobs.find(({ id }) => id === ids[0])).toMatchObject({
      name: "test.fragile",
      payload: '{"n":1}',
      error: "no luck",
      failures: 1,
    });
    expect(failed.schedules.map(({ key }) => key)).toContain("photos.purge");

    isBroken = false;
    const retry = async (path: string) => (await admin.post(`/api/admin/jobs/${path}`)).body;
    expect(await retry(`${ids[0]}/retry`)).toEqual({ redriven: 1 });
    expect(await retry("redrive")).toEqual({ redriven: 1 });
    expect((await admin.post(`/api/admin/jobs/${ids[0]}/retry`)).status).toBe(404);
    for (const id of ids) await jobs.result(id);
    expect((await read<Jobs>("jobs?state=completed")).jobs.map(({ id }) => id)).toEqual(
      expect.arrayContaining(ids),
    );
  });
});

const connect = (who: Visitor): PubSubClient =>
  new PubSubClient({
    url: app.url,
    socketOptions: { extraHeaders: { cookie: who.cookie, origin: app.url } },
  });

it("admin.live: every second for the administrator, nothing for others", async () => {
  await using client = connect(admin);
  const events: AdminEvent[] = [];
  await client.subscribe<AdminEvent>(adminTopic, (event) => void events.push(event));
  const [first, second] = await until(() => events.length > 1 && events);
  expect(second!.point.at - first!.point.at).toBeGreaterThan(900);

  await using refused = connect(other);
  await expect(refused.subscribe(adminTopic, () => {})).rejects.toMatchObject({
    code: "ERR_PUBSUB_TOPIC_DENIED",
  });
});
