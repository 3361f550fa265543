import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";

import { defineJob, JobsService } from "@infra/jobs";
import { jobsDashboard } from "@infra/jobs/dashboard";
import { testDatabases, testRedis, until } from "@infra/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import fastify, { type FastifyRequest } from "fastify";
import { chromium, type Browser, type Page } from "playwright-core";

const [postgres] = await testDatabases(process.env, ["postgres"]);
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);
const missing = program === undefined ? "no Chromium on this machine" : undefined;
if (missing !== undefined && process.env["REQUIRED_ENGINES"]?.split(",").includes("chromium")) {
  throw new Error(`REQUIRED_ENGINES names chromium, but there is ${missing}`);
}

const mail = defineJob<string>("mail");
const slow = defineJob("slow");
const whole = defineJob("whole");
const password = { username: "admin", password: "sesame" };
const guard = ({ headers }: FastifyRequest): boolean =>
  headers.authorization === `Basic ${Buffer.from("admin:sesame").toString("base64")}`;

let browser: Browser;
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** Jobs in every state that there is, and their dashboard. */
async function serve(url: string) {
  const queue = `shop-${randomUUID()}`;
  const jobs = new JobsService({ url, queue, concurrency: 1, abortGrace: "100ms" });
  opened.push(() => jobs.stop({ signal: AbortSignal.timeout(500) }));
  let works = false;
  jobs.handle(mail, () => {
    if (!works) throw new Error("no connection to the mail server");
  });
  jobs.handle(whole, () => {});
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  opened.push(async () => end());
  jobs.handle(slow, ({ signal }) => {
    return Promise.race([
      ended,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ]);
  });
  await jobs.start();
  const failed = await jobs.enqueue(mail, "ada@example.org");
  await until(async () => (await jobs.admin.get(failed))?.state === "failed");
  await jobs.result(await jobs.enqueue(whole, null), { timeout: "20s" });
  await jobs.enqueue(slow, null);
  await until(() => jobs.stats().running === 1);
  await jobs.enqueue(mail, "waiting@example.org");
  await jobs.enqueue(mail, "delayed@example.org", { delay: "1h" });
  await jobs.enqueueFlow({
    definition: whole,
    payload: null,
    children: [{ definition: mail, payload: "child@example.org", options: { delay: "1h" } }],
  });
  const app = fastify();
  opened.push(() => app.close());
  await app.register(jobsDashboard<FastifyRequest>({ jobs, guard, realm: "jobs" }));
  const address = await app.listen({ port: 0 });
  const mend = (): void => {
    works = true;
    end();
  };
  return { jobs, failed, queue, page: `${address}/jobs/`, mend };
}

async function openPage(credentials?: typeof password) {
  const context = await browser.newContext(credentials && { httpCredentials: credentials });
  opened.push(() => context.close());
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("http://127.0.0.1")) wrong.push(`asked for ${request.url()}`);
  });
  return { page, wrong };
}

const shows = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text).first().waitFor({ timeout: 30_000 });

for (const engine of [testRedis(process.env), postgres!]) {
  const why = engine.missing ?? missing;
  const title = `the dashboard in a browser, on ${engine.title}`;
  (why === undefined ? describe : describe.skip)(
    why === undefined ? title : `${title} (skipped: ${why})`,
    () => {
      beforeAll(async () => {
        browser = await chromium.launch({ executablePath: program!, args: ["--no-sandbox"] });
      });
      afterAll(async () => {
        await browser.close();
        await engine.close();
      });

      it("shows jobs of each state to who has the password, and runs a failed one again", async () => {
        const { jobs, failed, queue, page: url, mend } = await serve(await engine.url());
        const stranger = await openPage();
        await expect(stranger.page.goto(url)).rejects.toThrow("ERR_INVALID_AUTH_CREDENTIALS");

        const { page, wrong } = await openPage(password);
        await page.goto(url);
        await page.locator(`a[href*="/queue/${queue}"]`).first().click();
        for (const [state, job] of [
          ["active", "slow"],
          ["waiting", "waiting@example.org"],
          ["delayed", "delayed@example.org"],
          ["waiting-children", "whole"],
          ["completed", "whole"],
          ["failed", "no connection to the mail server"],
        ]) {
          await page.locator(`a[href*="status=${state}"]`).first().click();
          await shows(page, job!);
        }
        mend();
        await page.getByRole("button", { name: "Retry all" }).click();
        await page.getByRole("button", { name: "Confirm" }).click();
        await until(async () => (await jobs.admin.get(failed))?.state === "completed");
        await page.locator('a[href*="status=completed"]').first().click();
        await shows(page, failed);
        expect(wrong).toEqual([]);
      }, 90_000);
    },
  );
}
