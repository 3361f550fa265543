import type { JobDefinition } from "@infra/interfaces";
import { defineJob } from "@infra/jobs";
import { z } from "zod";

const schema = z.object({ photoId: z.uuid() });
const backoff = { kind: "exponential", delay: "1s", max: "30s", jitter: 0.5 } as const;

/** Makes thumbnails, colour and placeholder of a picture. */
export const photoProcess = defineJob("photo.process", {
  schema,
  attempts: 4,
  backoff,
  timeout: "2m",
});

/** Makes a poster and a clip that browsers play of a video. */
export const videoProcess = defineJob("video.process", {
  schema,
  attempts: 2,
  backoff,
  timeout: "30m",
});

/** The job that a photo of this kind needs. */
export const processingOf = (kind: "image" | "video"): JobDefinition<{ photoId: string }> =>
  kind === "video" ? videoProcess : photoProcess;

/** Removes for good what was deleted and not brought back. */
export const photosPurge = defineJob<Record<string, never>>("photos.purge", { timeout: "10m" });
/** Removes uploads that nobody completed. */
export const uploadsPurge = defineJob<Record<string, never>>("uploads.purge", { timeout: "10m" });
/** Removes links that have expired. */
export const tokensPrune = defineJob<Record<string, never>>("tokens.prune", { timeout: "10m" });
