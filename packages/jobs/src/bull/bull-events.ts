import type { JobEvent } from "@infra/interfaces";

import type { BullQueueEvents } from "./bull-types.js";

/** Tells of BullMQ's events in our words. */
export function bullEvents(events: BullQueueEvents, listener: (event: JobEvent) => void): void {
  const plain = ["waiting", "delayed", "active", "stalled", "removed"] as const;
  for (const type of plain) {
    events.on(type, ({ jobId }: { jobId: string }) => listener({ type, id: jobId }));
  }
  events.on("progress", ({ jobId, data }: { jobId: string; data: unknown }) =>
    listener({ type: "progress", id: jobId, progress: data }),
  );
  events.on("completed", ({ jobId, returnvalue }: { jobId: string; returnvalue: unknown }) =>
    listener({ type: "completed", id: jobId, result: returnvalue ?? undefined }),
  );
  events.on("failed", ({ jobId, failedReason }: { jobId: string; failedReason: string }) =>
    listener({ type: "failed", id: jobId, error: failedReason }),
  );
}
