import type { Container } from "@infra/di";
import { JobsService } from "@infra/jobs";

import { photoProcess, photosPurge, tokensPrune, uploadsPurge, videoProcess } from "./jobs.js";
import { Processing } from "./processing.js";
import { Purge } from "./purge.js";

/** What workers do, and when. Every process may say so: a schedule runs once in all of them. */
export async function addWork(container: Container): Promise<void> {
  const [processing, purge] = [container.get(Processing), container.get(Purge)];
  const jobs = container
    .get(JobsService)
    .handle(photoProcess, (job) => processing.image(job))
    .handle(videoProcess, (job) => processing.video(job))
    .handle(photosPurge, () => purge.photos())
    .handle(uploadsPurge, () => purge.uploads())
    .handle(tokensPrune, () => purge.tokens());
  await jobs.schedule("photos.purge", photosPurge, {}, { every: "1m", missed: "once" });
  await jobs.schedule("uploads.purge", uploadsPurge, {}, { every: "1h", missed: "once" });
  await jobs.schedule("tokens.prune", tokensPrune, {}, { cron: "0 4 * * *", missed: "once" });
}
