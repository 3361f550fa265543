import type { BackendFactory, BullLibrary } from "./bull-types.js";

/** BullMQ with what only its bindings need. */
export interface BullModule extends BullLibrary {
  createNodeRedisClient(client: unknown): unknown;
  readonly createPostgresBackend: BackendFactory;
  runMigrations(client: unknown, schema: string): Promise<unknown>;
}

/** Loads BullMQ when an engine is opened: it takes its time, and what only enqueues in memory has no use for it. */
export async function loadBull(): Promise<BullModule> {
  return (await import("bullmq")) as unknown as BullModule;
}
