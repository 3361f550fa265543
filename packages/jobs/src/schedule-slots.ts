import { toMilliseconds } from "@infra/interfaces";
import { CronExpressionParser } from "cron-parser";

/** When a schedule is due: `cron` in a time zone, or every so often. */
export interface SlotRule {
  readonly cron?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly everyMs?: number | undefined;
}

/** The slots of each schedule that are told apart, however many were missed. */
const mostSlots = 1_000;

/** @throws RangeError when there is neither or both, or one can't be read. */
export function slotRule(options: {
  readonly cron?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly every?: number | string | undefined;
}): SlotRule {
  const { cron, timeZone, every } = options;
  if ((cron === undefined) === (every === undefined)) {
    throw new RangeError("schedule: needs either cron or every");
  }
  if (every !== undefined) {
    const everyMs = toMilliseconds(every as number, "every");
    if (!(everyMs >= 1_000 && everyMs < Infinity)) {
      throw new RangeError(`every must be at least 1s, got ${String(every)}`);
    }
    return { everyMs: Math.floor(everyMs) };
  }
  const fields = String(cron).trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) {
    throw new RangeError(`cron must have five or six fields, got ${JSON.stringify(cron)}`);
  }
  const rule: SlotRule = { cron, timeZone: timeZone ?? "UTC" };
  try {
    // throws for a zone that it does not know
    new Intl.DateTimeFormat("en", { timeZone: rule.timeZone }).format(0);
  } catch {
    throw new RangeError(
      `timeZone must be a name of IANA such as "Europe/Berlin", got ${JSON.stringify(timeZone)}`,
    );
  }
  try {
    nextSlot(rule, 0);
  } catch (cause) {
    throw new RangeError(
      `cron can't be read: ${(cause as Error).message}; got ${JSON.stringify(cron)}`,
      { cause },
    );
  }
  return rule;
}

/**
 * The first slot after a time, both in milliseconds since the epoch. Of `everyMs` they are multiples, the same in every
 * process. Where a clock is put forward, a slot in the hour that is left out comes when that hour is over; where it is
 * put back, one in the hour that comes twice comes once.
 */
export function nextSlot({ cron, timeZone = "UTC", everyMs }: SlotRule, afterMs: number): number {
  if (everyMs !== undefined) return (Math.floor(afterMs / everyMs) + 1) * everyMs;
  const slots = CronExpressionParser.parse(cron!, {
    currentDate: new Date(afterMs),
    tz: timeZone,
  });
  return slots.next().getTime();
}

/** The slots from one that is due up to now, and the one after; of very many only the last. */
export function dueSlots(
  rule: SlotRule,
  firstMs: number,
  nowMs: number,
): { readonly due: readonly number[]; readonly nextMs: number } {
  const { everyMs, cron, timeZone = "UTC" } = rule;
  const due: number[] = [];
  if (everyMs !== undefined) {
    const nextMs = nextSlot(rule, nowMs);
    for (let slotMs = nextMs - everyMs; slotMs >= firstMs && due.length < mostSlots;) {
      due.unshift(slotMs);
      slotMs -= everyMs;
    }
    return { due, nextMs };
  }
  const slots = CronExpressionParser.parse(cron!, { currentDate: new Date(firstMs), tz: timeZone });
  let slotMs = firstMs;
  while (slotMs <= nowMs && due.length < mostSlots) {
    due.push(slotMs);
    slotMs = slots.next().getTime();
  }
  if (slotMs > nowMs) return { due, nextMs: slotMs };
  // so many that only the last are worth looking for
  const back = CronExpressionParser.parse(cron!, { currentDate: new Date(nowMs), tz: timeZone });
  return {
    due: Array.from({ length: mostSlots }, () => back.prev().getTime()).toReversed(),
    nextMs: nextSlot(rule, nowMs),
  };
}
