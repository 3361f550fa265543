import { describe, expect, it } from "@jest/globals";

import { FakeJobs } from "../src/fake.js";
import { defineJob } from "../src/index.js";

const mail = defineJob<{ to: string }, string>("mail.send", { attempts: 2 });
const other = defineJob<number>("other");

describe("FakeJobs", () => {
  it("keeps what was enqueued, and asserts it", async () => {
    await using jobs = new FakeJobs();
    await jobs.assertNotEnqueued();
    await jobs.enqueue(mail, { to: "a" });
    await jobs.enqueue(other, 1, { delay: "1h" });
    await jobs.assertEnqueued(mail);
    await jobs.assertEnqueued(mail, ({ to }) => to === "a");
    await expect(jobs.assertEnqueued(mail, ({ to }) => to === "b")).rejects.toThrow(
      'no job mail.send was enqueued that matches, but 1 with [{"to":"a"}]',
    );
    await expect(jobs.assertNotEnqueued(mail)).rejects.toThrow("expected no job mail.send, got 1");
    const all = await jobs.enqueued();
    expect(all.map(({ name, state }) => [name, state])).toEqual([
      ["mail.send", "waiting"],
      ["other", "delayed"],
    ]);
  });

  it("runAll() runs what waits and what that enqueues, and with delayed also retries", async () => {
    await using jobs = new FakeJobs();
    const ran: string[] = [];
    jobs.handle(other, ({ payload }) => void ran.push(`other ${payload}`));
    jobs.handle(mail, async ({ attempt }) => {
      ran.push(`mail ${attempt}`);
      await jobs.enqueue(other, attempt);
      if (attempt === 1) throw new Error("once");
      return "sent";
    });
    const id = await jobs.enqueue(mail, { to: "a" });
    expect(ran).toEqual([]);
    await jobs.runAll();
    expect(ran).toEqual(["mail 1", "other 1"]);
    await jobs.runAll({ delayed: true });
    expect(ran).toEqual(["mail 1", "other 1", "mail 2", "other 2"]);
    await expect(jobs.result(id)).resolves.toBe("sent");
  });

  it("runAll() leaves what nothing handles", async () => {
    await using jobs = new FakeJobs();
    await jobs.enqueue(other, 1);
    await jobs.enqueue(other, 2, { delay: "1h" });
    await jobs.runAll({ delayed: true });
    const all = await jobs.enqueued(other);
    expect(all.map(({ payload, state }) => [payload, state])).toEqual([
      [1, "delayed"],
      [2, "delayed"],
    ]);
  });
});
