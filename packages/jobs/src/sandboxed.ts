import { toBytes, toMilliseconds, type ByteSize, type Duration } from "@infra/interfaces";

import type { RunningJob } from "./job-definition.js";
import { SandboxProcess } from "./sandbox-process.js";

export type { SandboxedJob } from "./sandbox-messages.js";

/** Options of {@link sandboxed}. */
export interface SandboxOptions {
  /** What its heap may take; on Linux also, with 128 MB on top, the whole process. @default "256mb" */
  readonly memory?: ByteSize | undefined;
  /** How long a process waits for its next job. @default "10s" */
  readonly idle?: Duration | undefined;
}

/**
 * A handler that runs each job in a process of its own, by the default export of a module, which is given a plain
 * `SandboxedJob`: it may exit, run out of memory or loop for ever, and takes nothing but itself with it. What it is still
 * doing when the job's signal is aborted ends with its process.
 *
 * @param module - where it is, for instance `new URL(import.meta.resolve("./resize.js"))`
 * @throws SandboxError (`ERR_JOBS_SANDBOX`), from the handler, when the process ends before the job does.
 */
export function sandboxed<Payload = unknown, Result = unknown>(
  module: URL,
  options: SandboxOptions = {},
): (job: RunningJob<Payload>) => Promise<Result> {
  if (!(module instanceof URL) || module.protocol !== "file:") {
    throw new TypeError(`sandboxed: module must be a URL of a file, got ${String(module)}`);
  }
  const { memory = "256mb", idle = "10s" } = options;
  const memoryBytes = toBytes(memory, "memory");
  const idleMs = toMilliseconds(idle, "idle");
  const waiting: SandboxProcess[] = [];

  return async (job) => {
    const process = waiting.pop() ?? new SandboxProcess(memoryBytes);
    const result = await process.run(module.href, job);
    // only one that did its job is trusted with another
    waiting.push(process);
    process.rest(idleMs, () => waiting.splice(waiting.indexOf(process), 1));
    return result as Result;
  };
}
