import type { EngineJob, Logger } from "@infra/interfaces";

import type { Attempt } from "./attempt.js";
import type { RunningJob } from "./job-definition.js";
import type { JobEnvelope } from "./job-envelope.js";

/** What a handler is given: its functions can be taken out of it; what few look at is made when they do. */
export class AttemptedJob implements RunningJob {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly attempts: number;
  readonly tenantId: string | undefined;
  readonly scheduledForMs: number | undefined;
  readonly progress: RunningJob["progress"];
  readonly log: RunningJob["log"];
  readonly children: RunningJob["children"];
  readonly #attempt: Attempt;
  readonly #queueLogger: Logger;
  #logger: Logger | undefined;

  constructor(
    job: EngineJob,
    given: { readonly payload: unknown; readonly attempt: Attempt; readonly logger: Logger },
  ) {
    const { tenantId, slotMs } = job.data as JobEnvelope;
    this.id = job.id;
    this.name = job.name;
    this.payload = given.payload;
    this.attempt = job.attempt;
    this.attempts = job.attempts;
    this.tenantId = tenantId;
    this.scheduledForMs = slotMs;
    this.progress = (value) => job.progress(value);
    this.log = (line) => job.log(line);
    this.children = () => job.children();
    this.#attempt = given.attempt;
    this.#queueLogger = given.logger;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get logger(): Logger {
    return (this.#logger ??= this.#queueLogger.child({ job: this.id, jobName: this.name }));
  }
}
