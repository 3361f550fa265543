import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  silentLogger,
  systemClock,
  type Clock,
  type ErrorReporter,
  type HealthReport,
  type HealthStatus,
  type HealthSummary,
  type HttpServer,
  type IdGenerator,
  type Lifecycle,
  type LifecycleReport,
  type LifecycleState,
  type LogEntry,
  type Logger,
  type LogLevel,
  type LogMeta,
  type LogTransport,
  type Managed,
  type ManagedService,
  type ProbeKind,
  type ServiceContainer,
  type StandardSchema,
  type StartContext,
  type StopContext,
  type Token,
} from "../src/index.js";

describe("Clock and IdGenerator", () => {
  it("have these types", () => {
    expectTypeOf<Clock>().toEqualTypeOf<{
      now(): number;
      monotonic(): number;
      setTimeout(
        callback: () => void,
        delayMs: number,
        options?: { readonly unref?: boolean | undefined },
      ): () => void;
    }>();
    expectTypeOf<IdGenerator>().toEqualTypeOf<{ next(): string }>();
    expectTypeOf(systemClock).toEqualTypeOf<Clock>();
    expect(systemClock.now()).toBeGreaterThan(0);
  });
});

describe("Logger", () => {
  it("has these types", () => {
    type Write = (message: string, meta?: LogMeta) => void;
    expectTypeOf<LogLevel>().toEqualTypeOf<
      "fatal" | "error" | "warn" | "info" | "debug" | "trace"
    >();
    expectTypeOf<keyof Logger>().toEqualTypeOf<LogLevel | "isEnabled" | "child">();
    expectTypeOf<Logger[LogLevel]>().toEqualTypeOf<Write>();
    expectTypeOf<Logger["isEnabled"]>().toEqualTypeOf<(level: LogLevel) => boolean>();
    expectTypeOf<Logger["child"]>().toEqualTypeOf<(meta: LogMeta) => Logger>();
    expectTypeOf<LogMeta>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
    expect([silentLogger.isEnabled("fatal"), silentLogger.child({})]).toEqual([
      false,
      silentLogger,
    ]);
  });

  it("takes errors and nested data beside a message, and no other order", () => {
    silentLogger.error("failed", { error: new Error("x"), user: { id: 7 } });
    // @ts-expect-error the message comes first
    silentLogger.info({ user: 7 }, "hello");
    expect(silentLogger.info("hello")).toBeUndefined();
  });
});

describe("LogTransport", () => {
  it("requires log() alone, which may be asynchronous", () => {
    expectTypeOf<LogEntry>().toEqualTypeOf<{
      readonly level: LogLevel;
      readonly message: string;
      readonly meta: LogMeta;
      readonly timestamp: Date;
      readonly category?: string;
      readonly line: string;
    }>();
    const lines: string[] = [];
    const least: LogTransport = { log: ({ line }) => void lines.push(line) };
    const waits = { log: async (_entry: LogEntry): Promise<void> => {} };
    expectTypeOf(waits).toExtend<LogTransport>();
    expectTypeOf<LogTransport["logBatch"]>().toEqualTypeOf<
      ((entries: readonly LogEntry[]) => void | Promise<void>) | undefined
    >();
    void least.log({ level: "info", message: "", meta: {}, timestamp: new Date(0), line: "{}" });
    expect(lines).toEqual(["{}"]);
  });
});

describe("ErrorReporter", () => {
  it("takes whatever was thrown", () => {
    expectTypeOf<ErrorReporter>().toEqualTypeOf<{
      report(error: unknown, context?: Readonly<Record<string, unknown>>): void;
    }>();
    const reported: unknown[] = [];
    const least: ErrorReporter = { report: (error) => void reported.push(error) };
    least.report(undefined);
    expect(reported).toEqual([undefined]);
  });
});

describe("Managed and Lifecycle", () => {
  it("have these types", () => {
    expectTypeOf<Managed>().toEqualTypeOf<{
      start?(context?: StartContext): Promise<void>;
      stop?(context?: StopContext): Promise<void>;
      health?(): Promise<HealthReport>;
    }>();
    expectTypeOf<StartContext>().toEqualTypeOf<{ readonly signal?: AbortSignal | undefined }>();
    expectTypeOf<StopContext>().toEqualTypeOf<StartContext>();
    expectTypeOf<HealthReport>().toEqualTypeOf<{
      readonly status: "up" | "degraded" | "down";
      readonly message?: string;
      readonly details?: Readonly<Record<string, string | number | boolean>>;
    }>();
    expectTypeOf<LifecycleState>().toEqualTypeOf<
      "idle" | "starting" | "ready" | "stopping" | "stopped" | "failed"
    >();
    expectTypeOf<Lifecycle>().toEqualTypeOf<{
      readonly state: LifecycleState;
      readonly startReport?: LifecycleReport | undefined;
      probe(kind: "live" | "ready" | "startup"): Promise<HealthSummary>;
      shutdown(reason?: string): Promise<void>;
    }>();
    expectTypeOf<HealthSummary>().toEqualTypeOf<{
      readonly status: HealthStatus;
      readonly state: LifecycleState;
      readonly checks: Readonly<Record<string, HealthReport>>;
    }>();
    const kind: ProbeKind = "ready";
    expect(kind).toBe("ready");
  });

  it("let a class be managed by one method of the three, and none that is something else", () => {
    class Pool implements Managed {
      stopped = 0;
      async stop(): Promise<void> {
        this.stopped++;
      }
    }
    // @ts-expect-error health() is asynchronous
    const wrong: Managed = { health: () => ({ status: "up" }) };
    expectTypeOf<Pool>().toExtend<Managed>();
    expect(wrong).toBeDefined();
  });
});

describe("ServiceContainer", () => {
  it("has these types", () => {
    expectTypeOf<ServiceContainer>().toEqualTypeOf<{
      provide<T>(token: Token<T>, value: T): void;
      created(): readonly ManagedService[];
      managed(): readonly ManagedService[];
      verify(): void;
    }>();
    expectTypeOf<ManagedService>().toEqualTypeOf<{
      readonly name: string;
      readonly service: Managed;
      readonly dependencies: readonly string[];
    }>();
    expectTypeOf<HttpServer>().toEqualTypeOf<{
      readonly url: string | undefined;
      readonly httpServer?: object | undefined;
    }>();
    const names: string[] = [];
    const least: ServiceContainer = {
      provide: ({ name }) => void names.push(name),
      created: () => [],
      managed: () => [],
      verify: () => {},
    };
    const clock: Token<Clock> = { id: Symbol.for("infra.clock"), name: "clock" };
    least.provide(clock, systemClock);
    // @ts-expect-error a logger is no clock
    least.provide(clock, silentLogger);
    expect(names).toEqual(["clock", "clock"]);
  });
});

describe("StandardSchema", () => {
  it("is what a schema library gives, synchronous or not", () => {
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => ({ value: String(value) }),
      },
    };
    expectTypeOf(schema).toExtend<StandardSchema<string>>();
    expectTypeOf(schema).not.toExtend<StandardSchema<number>>();
    const refusing = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: async () => ({ issues: [{ message: "no", path: ["a", { key: 0 }] }] }),
      },
    };
    expectTypeOf(refusing).toExtend<StandardSchema<string>>();
    expect(schema["~standard"].validate(7)).toEqual({ value: "7" });
  });
});
