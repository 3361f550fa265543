import { describe, expect, it } from "@jest/globals";

import {
  FakeAuthorizer,
  FakeLifecycle,
  MemoryErrorReporter,
  MemoryLogger,
  MemoryMailer,
  SequentialIdGenerator,
} from "../src/index.js";

describe("FakeAuthorizer", () => {
  const ada = { id: "ada", roles: [] };

  it("decide() denies all but what was allowed, and says so", async () => {
    const authorizer = new FakeAuthorizer();
    expect(await authorizer.decide(ada, "note.edit")).toEqual({
      allowed: false,
      reason: "no test allows note.edit",
    });
    authorizer.allow("note.edit");
    expect(await authorizer.decide(ada, "note.edit")).toEqual({ allowed: true });
    expect((await authorizer.decide(undefined, "note.edit")).allowed).toBe(false);
    expect((await authorizer.decide(ada, "note.delete")).allowed).toBe(false);
    authorizer.clear();
    expect((await authorizer.decide(ada, "note.edit")).allowed).toBe(false);
  });

  it("allow() asks of the principal and the resource; one rule that holds is enough", async () => {
    const authorizer = new FakeAuthorizer();
    authorizer.allow("edit", ({ id }, resource) => (resource as { owner: string }).owner === id);
    authorizer.allow("edit", ({ roles }) => roles.includes("admin"));
    expect((await authorizer.decide(ada, "edit", { owner: "ada" })).allowed).toBe(true);
    expect((await authorizer.decide(ada, "edit", { owner: "bob" })).allowed).toBe(false);
    const admin = { id: "root", roles: ["admin"] };
    expect((await authorizer.decide(admin, "edit", { owner: "bob" })).allowed).toBe(true);
  });
});

describe("FakeLifecycle", () => {
  it("probe() says the worst of what was reported, until shutdown() ends it", async () => {
    const lifecycle = new FakeLifecycle();
    expect(await lifecycle.probe("ready")).toEqual({ status: "up", state: "ready", checks: {} });
    lifecycle.report("cache", { status: "degraded" });
    expect((await lifecycle.probe("ready")).status).toBe("degraded");
    lifecycle.report("database", { status: "down" });
    expect((await lifecycle.probe("ready")).status).toBe("down");
    expect((await lifecycle.probe("live")).status).toBe("up");
    await lifecycle.shutdown("enough");
    await lifecycle.shutdown("again");
    expect(lifecycle.reasons).toEqual(["enough"]);
    expect(lifecycle.state).toBe("stopped");
    expect((await lifecycle.probe("live")).status).toBe("down");
  });
});

describe("MemoryLogger", () => {
  it("keeps lines with what stood beside them, and those of its children", () => {
    const logger = new MemoryLogger();
    logger.info("hello", { a: 1 });
    logger.child({ category: "db" }).child({ b: 2 }).error("oh", { b: 3 });
    expect(logger.lines).toEqual([
      { level: "info", message: "hello", meta: { a: 1 } },
      { level: "error", message: "oh", meta: { category: "db", b: 3 } },
    ]);
    expect(logger.messages("error")).toEqual(["oh"]);
    logger.clear();
    expect(logger.lines).toEqual([]);
  });

  it("keeps nothing below its level, and refuses a level that there is not", () => {
    const logger = new MemoryLogger({ level: "warn" });
    for (const level of ["fatal", "error", "warn", "info", "debug", "trace"] as const) {
      logger.child({})[level](level);
    }
    expect(logger.lines.map(({ level }) => level)).toEqual(["fatal", "error", "warn"]);
    expect(logger.isEnabled("info")).toBe(false);
    expect(() => new MemoryLogger({ level: "loud" as "warn" })).toThrow("got loud");
  });
});

describe("MemoryMailer", () => {
  const mail = { to: "ada@example.org", subject: "Hello", text: "" };

  it("take() that was given up leaves the mail to the next", async () => {
    const mailer = new MemoryMailer();
    const waiting = new AbortController();
    const givenUp = mailer.take(mail.to, { signal: waiting.signal });
    waiting.abort(new Error("enough"));
    await expect(givenUp).rejects.toThrow("enough");
    await expect(mailer.take(mail.to, { signal: waiting.signal })).rejects.toThrow("enough");
    await mailer.send(mail);
    expect(await mailer.take(mail.to)).toEqual(mail);
  });
});

describe("MemoryErrorReporter", () => {
  it("keeps what was reported", () => {
    const reporter = new MemoryErrorReporter();
    const error = new Error("x");
    reporter.report(error, { job: 7 });
    reporter.report("text");
    expect(reporter.reports).toEqual([
      { error, context: { job: 7 } },
      { error: "text", context: {} },
    ]);
    reporter.clear();
    expect(reporter.reports).toEqual([]);
  });
});

describe("SequentialIdGenerator", () => {
  it("counts, with the prefix that it was given", () => {
    const ids = new SequentialIdGenerator();
    expect([ids.next(), ids.next()]).toEqual(["id-1", "id-2"]);
    expect(new SequentialIdGenerator("note_").next()).toBe("note_1");
    expect(() => new SequentialIdGenerator("a b")).toThrow('got "a b"');
  });
});
