import {
  toMilliseconds,
  type IdGenerator,
  type JobDefinition,
  type NewJob,
} from "@infra/interfaces";

import type { JobEnqueueOptions } from "./job-definition.js";
import { checkPayload, packPayload, type JobEnvelope } from "./job-envelope.js";
import type { ResolvedOptions } from "./jobs-options.js";
import { checkBackoff } from "./retry-wait.js";
import type { ScheduleSpec } from "./scheduler.js";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const soon: Pick<NewJob, "delayMs" | "dedupe"> = { delayMs: 0 };

/** Makes what an engine is given of what a user enqueues. */
export class JobMaker {
  readonly #options: ResolvedOptions;
  readonly #ids: IdGenerator;

  constructor(options: ResolvedOptions, ids: IdGenerator) {
    this.#options = options;
    this.#ids = ids;
  }

  /**
   * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`)
   * @throws RangeError when an option can't be
   */
  make(
    definition: JobDefinition,
    payload: unknown,
    options: JobEnqueueOptions,
  ): NewJob | Promise<NewJob> {
    const checked = checkPayload(definition, payload);
    if (!(checked instanceof Promise)) return this.#make(definition, payload, options);
    return checked.then(() => this.#make(definition, payload, options));
  }

  #make(definition: JobDefinition, payload: unknown, options: JobEnqueueOptions): NewJob {
    const { name, version = 1 } = definition;
    const { backoff, tenantId, id } = options;
    if (backoff) checkBackoff(backoff);
    if (id !== undefined) checkId(id);
    // as it was given: what the schema makes of it might not pass the schema again
    const data: Writable<JobEnvelope> = packPayload(name, payload, this.#options.maxPayloadBytes);
    if (version !== 1) data.version = version;
    if (tenantId !== undefined) data.tenantId = tenantId;
    if (backoff) data.backoff = backoff;
    const { priority = 0, attempts = definition.attempts ?? this.#options.attempts } = options;
    checkPriority(priority);
    if (!Number.isSafeInteger(attempts) || attempts < 1) {
      throw new RangeError(`attempts must be a whole number from 1, got ${String(attempts)}`);
    }
    const { delayMs, dedupe } = this.#times(name, options);
    const own = id ?? this.#ids.next();
    return { id: own, name, data, delayMs, priority, attempts, tenantId, dedupe };
  }

  /** The job of a slot of a schedule: the same slot, the same id. */
  forSlot(key: string, spec: ScheduleSpec, slotMs: number): NewJob {
    const { name, payload, version, tenantId, priority = 0, attempts } = spec;
    const data: JobEnvelope = {
      ...packPayload(name, payload, this.#options.maxPayloadBytes),
      slotMs,
      ...(version !== undefined && { version }),
      ...(tenantId !== undefined && { tenantId }),
    };
    const id = `${key}@${slotMs}`;
    return { id, name, data, delayMs: 0, priority, attempts, tenantId };
  }

  #times(name: string, options: JobEnqueueOptions): Pick<NewJob, "delayMs" | "dedupe"> {
    const { delay = 0, dedupeKey, throttle, debounce } = options;
    const plain = dedupeKey === undefined && throttle === undefined && debounce === undefined;
    if (plain && delay === 0) return soon;
    const delayMs = toMilliseconds(delay, "delay");
    if (!(delayMs < Infinity)) throw new RangeError("delay must be finite, got Infinity");
    if (dedupeKey === undefined) {
      if (throttle === undefined && debounce === undefined) return { delayMs };
      throw new RangeError("throttle and debounce need a dedupeKey");
    }
    const id = `${name}/${dedupeKey}`;
    if (debounce !== undefined) {
      if (throttle !== undefined) throw new RangeError("either throttle or debounce, got both");
      const forMs = toMilliseconds(debounce, "debounce");
      return { delayMs: Math.max(delayMs, forMs), dedupe: { id, forMs, replace: true } };
    }
    if (throttle === undefined) return { delayMs, dedupe: { id } };
    return { delayMs, dedupe: { id, forMs: toMilliseconds(throttle, "throttle") } };
  }
}

/** @throws RangeError */
export function checkPriority(priority: number): void {
  if (Number.isInteger(priority) && priority <= 0 && priority >= -10) return;
  throw new RangeError(
    `priority must be a whole number from -10 to 0, of which 0 is the soonest and the default; got ${String(priority)}`,
  );
}

function checkId(id: string): void {
  // BullMQ keeps ":" and plain numbers to itself
  if (/^[\w.@/-]{1,200}$/.test(id) && !/^\d+$/.test(id)) return;
  throw new RangeError(
    `id must be 1 to 200 letters, digits and "._@/-", not digits alone; got ${JSON.stringify(id)}`,
  );
}
