import type { RateLimitResult, RateLimitRule } from "@infra/interfaces";

/**
 * Attempts of one key, counted by slots of a thirtieth of the window. A slot counts until all of it is out of the window:
 * in no window whatever are there more than the limit, and an attempt counts for at most a thirtieth longer than it has to.
 */
export interface WindowState {
  /** The slots that count, and with a burst those of the window before, oldest first, with their counts. */
  readonly slots: readonly (readonly [slot: number, count: number])[];
  /** How much of the burst is used up; all of it is there again after a whole window in which nothing counted. */
  readonly burstUsed: number;
}

/** So many attempts, each of this cost, at once. */
export interface Attempts {
  readonly rule: RateLimitRule;
  readonly cost: number;
  readonly count: number;
}

const slotsInWindow = 30;

export function slotMs({ windowMs }: RateLimitRule): number {
  return Math.max(1, Math.ceil(windowMs / slotsInWindow));
}

/** When a slot counts no more. */
function endMs(slot: number, rule: RateLimitRule): number {
  return (slot + 1) * slotMs(rule) + rule.windowMs;
}

/** For how long a slot is kept once it counts no more: nothing of the burst comes back to who never pauses. */
export function quietMs({ windowMs, burst = 0 }: RateLimitRule): number {
  return burst > 0 ? windowMs : 0;
}

/** What is left of a state at a time. */
function stateAt(state: WindowState | undefined, rule: RateLimitRule, nowMs: number) {
  const kept = (state?.slots ?? []).filter(([slot]) => endMs(slot, rule) + quietMs(rule) > nowMs);
  const counting = kept.filter(([slot]) => endMs(slot, rule) > nowMs);
  const total = counting.reduce((sum, [, counted]) => sum + counted, 0);
  return { kept, counting, total, burstUsed: kept.length === 0 ? 0 : (state?.burstUsed ?? 0) };
}

/** How many of the attempts are allowed, and the state with those counted. */
export function count(
  before: WindowState | undefined,
  { rule, cost, count: wanted }: Attempts,
  nowMs: number,
): { readonly granted: number; readonly state: WindowState } {
  const { kept: slots, total, burstUsed } = stateAt(before, rule, nowMs);
  const free = Math.max(0, rule.limit - total);
  const room = free + Math.max(0, (rule.burst ?? 0) - burstUsed);
  const granted = cost > 0 ? Math.min(wanted, Math.floor(room / cost)) : wanted;
  const added = granted * cost;
  const slot = Math.floor(nowMs / slotMs(rule));
  const last = slots.at(-1);
  if (added > 0) {
    if (last?.[0] === slot) slots[slots.length - 1] = [slot, last[1] + added];
    else slots.push([slot, added]);
  }
  return { granted, state: { slots, burstUsed: burstUsed + Math.max(0, added - free) } };
}

/** The answer to each attempt, when so many of them were granted and this is the state after it. */
export function results(
  granted: number,
  state: WindowState,
  { rule, cost, count: wanted }: Attempts,
  nowMs: number,
): readonly RateLimitResult[] {
  const { counting: slots, total, burstUsed } = stateAt(state, rule, nowMs);
  const room = Math.max(0, rule.limit - total) + Math.max(0, (rule.burst ?? 0) - burstUsed);
  const resetMs = slots.length === 0 ? 0 : endMs(slots.at(-1)![0], rule) - nowMs;
  const refused: RateLimitResult = {
    allowed: false,
    remaining: room,
    resetMs,
    retryAfterMs: waitMs(slots, total, cost - room, rule, nowMs) ?? rule.windowMs,
  };
  return Array.from({ length: wanted }, (_, at) =>
    at < granted
      ? // those after it have been counted already
        { allowed: true, remaining: room + (granted - at - 1) * cost, resetMs, retryAfterMs: 0 }
      : refused,
  );
}

/** How long until so much is out of the window, beyond what is over the limit; `undefined` when there never is as much. */
function waitMs(
  slots: WindowState["slots"],
  total: number,
  missing: number,
  rule: RateLimitRule,
  nowMs: number,
): number | undefined {
  let toLeave = Math.max(0, total - rule.limit) + missing;
  for (const [slot, counted] of slots) {
    toLeave -= counted;
    if (toLeave <= 0) return endMs(slot, rule) - nowMs;
  }
  return undefined;
}

/** @throws RangeError or TypeError naming what is wrong with a rule, a key or a cost. */
export function checkAttempt(key: string, rule: RateLimitRule, cost: number): void {
  if (typeof key !== "string" || key === "" || key.length > 512) {
    throw new TypeError("rate limit: key must be a text of 1 to 512 characters");
  }
  const { limit, windowMs, burst = 0 } = rule;
  for (const [name, value, least] of [
    ["limit", limit, 0],
    ["windowMs", windowMs, 1],
    ["burst", burst, 0],
    ["cost", cost, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `rate limit: ${name} must be a whole number from ${least}, got ${String(value)}`,
      );
    }
  }
}
