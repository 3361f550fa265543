import type { StoredSchedule } from "@infra/interfaces";

interface Entry extends StoredSchedule {
  readonly claimedUntilMs: number;
}

/** Schedules in memory. */
export class MemorySchedules {
  readonly #entries = new Map<string, Entry>();

  all(): readonly StoredSchedule[] {
    return [...this.#entries.values()].map(({ key, spec, nextMs }) => ({ key, spec, nextMs }));
  }

  put(schedule: StoredSchedule): void {
    if (this.#entries.get(schedule.key)?.spec === schedule.spec) return;
    this.#entries.set(schedule.key, { ...schedule, claimedUntilMs: 0 });
  }

  remove(key: string): boolean {
    return this.#entries.delete(key);
  }

  claim(slot: { key: string; slotMs: number; nowMs: number; forMs: number }): boolean {
    const entry = this.#entries.get(slot.key);
    if (entry?.nextMs !== slot.slotMs || entry.claimedUntilMs > slot.nowMs) return false;
    this.#entries.set(slot.key, { ...entry, claimedUntilMs: slot.nowMs + slot.forMs });
    return true;
  }

  pass({ key, slotMs, nextMs }: { key: string; slotMs: number; nextMs: number }): void {
    const entry = this.#entries.get(key);
    if (entry?.nextMs === slotMs) this.#entries.set(key, { ...entry, nextMs, claimedUntilMs: 0 });
  }
}
