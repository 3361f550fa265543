import type { JobDedupe, NewJob } from "@infra/interfaces";

/** Which job has which key to itself. */
export class MemoryDedupes {
  readonly #standing = new Map<string, { readonly id: string; readonly untilMs: number }>();

  /** The id of the job that keeps another from being added. */
  standing({ id }: JobDedupe, nowMs: number): string | undefined {
    const found = this.#standing.get(id);
    return found && found.untilMs > nowMs ? found.id : undefined;
  }

  take({ id, forMs }: JobDedupe, jobId: string, nowMs: number): void {
    this.#standing.set(id, { id: jobId, untilMs: forMs === undefined ? Infinity : nowMs + forMs });
    // what is over is forgotten now and then
    if (this.#standing.size % 1_000 !== 0) return;
    for (const [key, { untilMs }] of this.#standing) {
      if (untilMs <= nowMs) this.#standing.delete(key);
    }
  }

  /** A job is done or gone: without a time of its own, its key is free. */
  finished({ id, dedupe }: NewJob): void {
    if (!dedupe || dedupe.forMs !== undefined) return;
    if (this.#standing.get(dedupe.id)?.id === id) this.#standing.delete(dedupe.id);
  }
}
