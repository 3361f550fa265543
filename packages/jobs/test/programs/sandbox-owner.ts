// A service whose sandboxed job never ends; tells the id of the job's process once that has begun to loop.
import { defineJob, JobsService, sandboxed } from "../../src/index.js";

const loop = defineJob<string>("loop");
const jobs = new JobsService({ url: "memory:" });
jobs.handle(loop, sandboxed(new URL("poison.mjs", import.meta.url)));
await jobs.start();
await jobs.subscribe(({ type, progress }) => {
  if (type === "progress") process.send!(progress);
});
await jobs.enqueue(loop, "loop for ever");
