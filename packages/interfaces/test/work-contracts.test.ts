import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import type {
  Job,
  JobDefinition,
  JobHandler,
  JobQueue,
  Mail,
  Mailer,
  MessageContext,
  PubSub,
  Queue,
  StandardSchema,
  Subscription,
  Topic,
} from "../src/index.js";

/** Stands for a value where only types are asked. */
const some = <T>(): T => undefined as T;

const resize: JobHandler<{ readonly id: number }, string> = ({ payload, attempt }) =>
  `${payload.id} ${attempt}`;

describe("JobQueue", () => {
  it("types a job's payload by its definition", () => {
    const jobs = some<JobQueue>();
    const mail: JobDefinition<{ readonly to: string }> = { name: "mail" };
    const check = (): unknown => [
      expectTypeOf(
        jobs.enqueue(mail, { to: "a@example.org" }, { delay: "5m", dedupeKey: "a" }),
      ).resolves.toEqualTypeOf<string>(),
      jobs.schedule("nightly", mail, { to: "a@example.org" }, { cron: "0 3 * * *" }),
      expectTypeOf(jobs.cancel("7")).resolves.toEqualTypeOf<boolean>(),
      // @ts-expect-error the payload has another shape
      jobs.enqueue(mail, { from: "a@example.org" }),
    ];
    expect(check).toThrow(TypeError);
  });

  it("types a definition by its schema, and a handler by its definition", () => {
    const schema = some<StandardSchema<{ readonly id: number }>>();
    const definition = { name: "resize", schema, attempts: 3, timeout: "1m" } as const;
    expectTypeOf(definition).toExtend<JobDefinition<{ readonly id: number }>>();
    expectTypeOf(resize).parameter(0).toEqualTypeOf<Job<{ readonly id: number }>>();
    expectTypeOf<Job<{ readonly id: number }>["signal"]>().toEqualTypeOf<AbortSignal>();
    const job = { payload: { id: 7 }, attempt: 1 } as unknown as Job<{ readonly id: number }>;
    expect(resize(job)).toBe("7 1");
  });
});

describe("Queue", () => {
  it("gives each item its own result", () => {
    const queue = some<Queue<{ readonly id: number }, string>>();
    const check = (): unknown => [
      expectTypeOf(
        queue.add({ id: 7 }, { key: "a", priority: 1 }),
      ).resolves.toEqualTypeOf<string>(),
      // @ts-expect-error another item
      queue.add({ name: "x" }),
    ];
    expect(check).toThrow(TypeError);
    expectTypeOf<Queue<number>["add"]>().returns.resolves.toBeVoid();
  });
});

describe("PubSub", () => {
  it("types a message by its topic", () => {
    const pubsub = some<PubSub>();
    const created: Topic<{ readonly id: number }> = { name: "orders.created" };
    const check = (): unknown => [
      expectTypeOf(
        pubsub.subscribe(created, ({ id }, context) => {
          expectTypeOf(id).toEqualTypeOf<number>();
          expectTypeOf(context).toEqualTypeOf<MessageContext>();
        }),
      ).resolves.toEqualTypeOf<Subscription>(),
      pubsub.subscribe("orders.*", (message) => void expectTypeOf(message).toBeUnknown()),
      // @ts-expect-error the message has another shape
      pubsub.publish(created, { id: "7" }),
    ];
    expect(check).toThrow(TypeError);
    expectTypeOf<Subscription>().toExtend<{
      close(): Promise<void>;
      [Symbol.asyncDispose](): Promise<void>;
    }>();
  });
});

describe("Mailer", () => {
  it("requires text, and takes one address or several", () => {
    expectTypeOf<Mail>().toEqualTypeOf<{
      readonly to: string | readonly string[];
      readonly subject: string;
      readonly text: string;
      readonly html?: string | undefined;
      readonly from?: string | undefined;
      readonly replyTo?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }>();
    const sent: string[] = [];
    const least: Mailer = { send: async ({ subject }) => void sent.push(subject) };
    void least.send({ to: "a@example.org", subject: "Hello", text: "…" });
    // @ts-expect-error HTML alone is no mail
    void least.send({ to: [], subject: "no text", html: "<p>" });
    expect(sent).toEqual(["Hello", "no text"]);
  });
});
