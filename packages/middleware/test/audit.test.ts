import { ForbiddenError } from "@infra/errors";
import { audit, type AuditEvent, type AuditOptions } from "@infra/middleware/audit";
import { errorHandler } from "@infra/middleware/error-handler";
import { ManualClock, MemoryLogger } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

function createApp(options: Partial<AuditOptions> = {}) {
  const events: AuditEvent[] = [];
  const app = fastify();
  app.register(errorHandler);
  app.register(audit, {
    sink: (event) => void events.push(event),
    clock: new ManualClock(1_700_000_000_000),
    ...options,
  });
  app.register(async (scope) => {
    scope.addHook("onRequest", (request, _reply, next) => {
      Object.assign(request, { principal: { id: "ada", roles: [], tenantId: "t" } });
      next();
    });
    scope.delete("/notes/:id", { config: { audit: "note.deleted" } }, (request) => {
      request.audit({ title: "old" });
      request.audit({ forever: true });
      return "gone";
    });
    scope.post("/notes", () => {
      throw new ForbiddenError("not yours");
    });
    scope.get("/notes", () => []);
    scope.get("/export", (request) => {
      request.audit({ rows: 3 });
      return [];
    });
    scope.post("/ping", { config: { audit: false } }, () => "ok");
  });
  return { app, events };
}

describe("audit", () => {
  it("tells who did what, from where, and what came of it", async () => {
    const { app, events } = createApp();
    await app.inject({ method: "DELETE", url: "/notes/7?token=secret" });

    expect(events).toEqual([
      {
        action: "note.deleted",
        outcome: "success",
        status: 200,
        at: 1_700_000_000_000,
        principalId: "ada",
        tenantId: "t",
        method: "DELETE",
        path: "/notes/7",
        ip: "127.0.0.1",
        requestId: "req-1",
        details: { title: "old", forever: true },
      },
    ]);
  });

  it("tells of what was refused, of what says so itself, and of nothing else", async () => {
    const { app, events } = createApp();
    await app.inject({ method: "POST", url: "/notes", payload: {} });
    for (const url of ["/notes", "/export"]) await app.inject(url);
    await app.inject({ method: "POST", url: "/ping" });

    expect(events.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["POST /notes", "denied"],
      ["GET /export", "success"],
    ]);
  });

  it("goes on when the sink fails, and says so", async () => {
    const logger = new MemoryLogger();
    const { app } = createApp({ sink: () => Promise.reject(new Error("full")), logger });

    expect((await app.inject({ method: "DELETE", url: "/notes/7" })).statusCode).toBe(200);
    await new Promise(setImmediate);
    expect(logger.lines[0]).toMatchObject({
      level: "error",
      message: "audit: an event was not taken",
      meta: { action: "note.deleted" },
    });
    await expect(createApp({ sink: undefined as never }).app.ready()).rejects.toThrow("sink");
  });
});
