import { deferred } from "@infra/promises";

import type { BackendFactory, BullBackend } from "./bull-types.js";

interface Notification {
  readonly channel: string;
  readonly payload?: string;
}

interface ListenClient {
  on(event: "notification", listener: (message: Notification) => void): unknown;
  removeListener(event: "notification", listener: (message: Notification) => void): unknown;
}

interface Event {
  readonly id: string;
  readonly fields: readonly string[];
}

/** What is used of the inside of BullMQ 6.7's backend for PostgreSQL. */
interface EventBackend extends BullBackend {
  readonly queueName: string;
  readonly closing?: unknown;
  readonly connection: { readonly isClosing: boolean; waitUntilReady(): Promise<void> };
  cancelEventWait?: (() => void) | undefined;
  ensureListeningEvents(): Promise<ListenClient>;
  fetchEvents(cursor: string): Promise<readonly Event[]>;
  run(command: string, values: readonly unknown[]): Promise<{ rows: { max: string }[] }>;
  waitUntilReady(): Promise<void>;
  readEvents(id: string, blockMs?: number): Promise<unknown>;
}

const eventsChannel = "bullmq_events";
const defaultBlockMs = 5_000;

/**
 * BullMQ's backend for PostgreSQL, which loses no event: its own reads, then listens, and takes what came in between for
 * nothing; and counts from "now" anew after each empty read.
 */
export function eventSafe(make: BackendFactory): BackendFactory {
  return (name, options, extra) => {
    const backend = make(name, options, extra) as EventBackend;
    let start: string | undefined;
    const startCursor = async (): Promise<string> =>
      (start ??= (await backend.run("read_events_max", [backend.queueName])).rows[0]!.max);
    const over = (): boolean => Boolean(backend.closing) || backend.connection.isClosing;

    backend.readEvents = async (id, blockMs) => {
      if (over()) return null;
      await backend.connection.waitUntilReady();
      const client = await backend.ensureListeningEvents();
      const told = deferred();
      const onNotification = ({ channel, payload }: Notification): void => {
        if (channel === eventsChannel && payload === backend.queueName) told.resolve();
      };
      client.on("notification", onNotification);
      try {
        const cursor = id === "$" ? await startCursor() : id;
        let events = await backend.fetchEvents(cursor);
        if (events.length === 0) {
          const timer = setTimeout(() => told.resolve(), Math.max(blockMs ?? defaultBlockMs, 1));
          backend.cancelEventWait = () => told.resolve();
          await told.promise;
          clearTimeout(timer);
          backend.cancelEventWait = undefined;
          if (over()) return null;
          events = await backend.fetchEvents(cursor);
        }
        if (events.length === 0) return null;
        return [["events", events.map((event) => [event.id, event.fields])]];
      } finally {
        client.removeListener("notification", onNotification);
      }
    };

    if (extra && "blocking" in extra && extra.blocking) {
      const ready = backend.waitUntilReady.bind(backend);
      let listening: Promise<void> | undefined;
      backend.waitUntilReady = () =>
        (listening ??= (async () => {
          await ready();
          await backend.ensureListeningEvents();
          await startCursor();
        })().catch((error: unknown) => {
          // asked again, it tries again
          listening = undefined;
          throw error;
        }));
    }
    return backend;
  };
}
