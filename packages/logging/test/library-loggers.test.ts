import { EventEmitter } from "node:events";

import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  knexLogger,
  logBullmq,
  LoggerService,
  logSocketIo,
  LogRecorder,
  type EventSource,
} from "../src/index.js";

function make(): { logger: LoggerService; recorder: LogRecorder; lines: () => unknown[] } {
  const recorder = new LogRecorder();
  const logger = new LoggerService({ console: false, level: "debug", transports: [recorder] });
  const lines = (): unknown[] =>
    recorder.entries.map(({ level, category, message }) => `${level} ${category} ${message}`);
  return { logger, recorder, lines };
}

describe("knexLogger()", () => {
  it("has what knex calls", () => {
    const { logger, recorder, lines } = make();
    const log = knexLogger(logger);
    log.warn("slow");
    log.error(new Error("boom"));
    log.debug({ sql: "select 1", bindings: [1] });
    log.deprecate("old()", "new()");
    expect(lines()).toEqual([
      "warn knex slow",
      "error knex boom",
      "debug knex knex",
      "warn knex old() is deprecated, use new()",
    ]);
    expect(recorder.entries[1]?.meta).toMatchObject({ error: { message: "boom" } });
    expect(recorder.entries[2]?.meta).toMatchObject({ value: { sql: "select 1" } });
  });
});

/** How bullmq and socket.io declare what they emit. */
interface TypedEmitter<Events> {
  on<E extends keyof Events>(event: E, listener: Events[E]): this;
  off<E extends keyof Events>(event: E, listener: Events[E]): this;
}

interface WorkerEvents {
  failed: (job: { id?: string; name: string } | undefined, error: Error, prev: string) => void;
  error: (error: Error) => void;
}

describe("logBullmq()", () => {
  it("takes an emitter with typed events", () => {
    expectTypeOf<TypedEmitter<WorkerEvents>>().toExtend<EventSource>();
  });

  it("logs what a worker emits, so that its errors do not end the process, until it is ended", () => {
    const { logger, recorder, lines } = make();
    const worker = new EventEmitter();
    const stop = logBullmq(worker, logger);
    worker.emit("error", new Error("no redis"));
    worker.emit("failed", { id: "7", name: "mail", queueName: "q" }, new Error("bounced"));
    worker.emit("failed", undefined, new Error("gone"));
    worker.emit("stalled", "7");
    worker.emit("completed", { id: "8" });
    stop();
    worker.emit("stalled", "7");
    expect(lines()).toEqual([
      "error bullmq bullmq failed",
      "error bullmq job failed",
      "error bullmq job failed",
      "warn bullmq job stalled",
      "debug bullmq job done",
    ]);
    expect(recorder.entries[1]?.meta).toMatchObject({
      jobId: "7",
      job: "mail",
      queue: "q",
      error: { message: "bounced" },
    });
    expect(worker.eventNames()).toEqual([]);
  });
});

describe("logSocketIo()", () => {
  it("logs who comes and goes, and who is refused", () => {
    const { logger, recorder, lines } = make();
    const engine = new EventEmitter();
    const server = Object.assign(new EventEmitter(), { engine });
    const stop = logSocketIo(server, logger);
    const socket = Object.assign(new EventEmitter(), { id: "s1" });
    server.emit("connection", socket);
    socket.emit("error", new Error("bad packet"));
    socket.emit("disconnect", "transport close");
    engine.emit("connection_error", { code: 1, message: "Session ID unknown" });
    stop();
    expect(lines()).toEqual([
      "debug socket.io connected",
      "warn socket.io socket failed",
      "debug socket.io disconnected",
      "warn socket.io connection refused",
    ]);
    expect(recorder.entries[3]?.meta).toEqual({ reason: "Session ID unknown", code: 1 });
    expect([server.eventNames(), engine.eventNames()]).toEqual([[], []]);
  });
});
