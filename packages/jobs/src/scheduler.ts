import type { Clock, JobEngine, Logger, NewJob, StoredSchedule } from "@infra/interfaces";

import type { MissedRuns } from "./job-definition.js";
import type { JobsCounts } from "./jobs-stats.js";
import { dueSlots, type SlotRule } from "./schedule-slots.js";

/** What a schedule is, as text beside its key. */
export interface ScheduleSpec {
  readonly rule: SlotRule;
  readonly missed: MissedRuns;
  readonly name: string;
  readonly payload: unknown;
  readonly version?: number;
  readonly attempts: number;
  readonly priority?: number;
  readonly tenantId?: string;
}

/** Collaborators of {@link Scheduler}. */
export interface SchedulerContext {
  readonly engine: JobEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counts: JobsCounts;
  readonly callTimeoutMs: number;
  /** A job for a slot; its id says which. */
  jobFor(key: string, spec: ScheduleSpec, slotMs: number): NewJob;
}

/** How often schedules that others made or changed are looked for. */
const lookMs = 5_000;
/** How long one process has a slot to itself. */
const claimMs = 15_000;
/** A slot that is later than this was missed. */
const latenessMs = 30_000;
const mostMissed = 100;

/**
 * Adds the jobs of schedules when they are due, whether or not those of the slot before have run. Every process has one;
 * of a slot's claims the engine grants one, and the job's id keeps a second from being added should its owner die.
 */
export class Scheduler {
  readonly #context: SchedulerContext;
  #cancelTimer: (() => void) | undefined;
  #ticking: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(context: SchedulerContext) {
    this.#context = context;
  }

  /** Looks at once: something may be due, or have been missed. */
  start(): void {
    this.wake();
  }

  /** A schedule was made or changed here. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#ticking ??= this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#ticking;
  }

  async #loop(): Promise<void> {
    const { clock, logger } = this.#context;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#cancelTimer?.();
      let waitMs = lookMs;
      try {
        waitMs = await this.#tick();
      } catch (error) {
        logger.warn("the schedules could not be looked at", { error });
        waitMs = 1_000;
      }
      if (!this.#stopped) {
        this.#cancelTimer = clock.setTimeout(() => this.wake(), waitMs, { unref: true });
      }
    }
    // at once: who wakes it from here on begins anew
    this.#ticking = undefined;
  }

  /** Deals with what is due; how long until there is something to do again. */
  async #tick(): Promise<number> {
    const { engine, clock, callTimeoutMs, logger } = this.#context;
    const signal = AbortSignal.timeout(callTimeoutMs);
    let earliestMs = Infinity;
    for (const schedule of await engine.schedules({ signal })) {
      if (this.#stopped) break;
      if (schedule.nextMs <= clock.now()) {
        try {
          earliestMs = Math.min(earliestMs, await this.#deal(schedule));
        } catch (error) {
          logger.error("a schedule could not be followed", { schedule: schedule.key, error });
          earliestMs = Math.min(earliestMs, clock.now() + 1_000);
        }
      } else {
        earliestMs = Math.min(earliestMs, schedule.nextMs);
      }
    }
    return Math.max(0, Math.min(earliestMs - clock.now(), lookMs));
  }

  /** Adds what a schedule has due, unless another process does; when to look again. */
  async #deal({ key, spec: text, nextMs: slotMs }: StoredSchedule): Promise<number> {
    const { engine, clock, counts, callTimeoutMs } = this.#context;
    const signal = AbortSignal.timeout(callTimeoutMs);
    const nowMs = clock.now();
    const spec = JSON.parse(text) as ScheduleSpec;
    const { due, nextMs } = dueSlots(spec.rule, slotMs, nowMs);
    const claim = { key, slotMs, nowMs, forMs: claimMs };
    if (!(await engine.claimSlot(claim, { signal }))) return Math.min(nextMs, nowMs + 1_000);
    const slots = slotsToRun(due, nowMs, spec.missed);
    const jobs = slots.map((each) => this.#context.jobFor(key, spec, each));
    await engine.add(jobs, { signal });
    await engine.passSlot({ key, slotMs, nextMs }, { signal });
    counts.scheduled += slots.length;
    counts.enqueued += slots.length;
    return nextMs;
  }
}

/** Which of the slots that have come are run. */
export function slotsToRun(
  due: readonly number[],
  nowMs: number,
  missed: MissedRuns,
): readonly number[] {
  if (missed === "all") return due.slice(-mostMissed);
  const last = due.at(-1);
  if (last === undefined) return [];
  return missed === "once" || nowMs - last <= latenessMs ? [last] : [];
}
