import { setTimeout as delay } from "node:timers/promises";

/** Resolves once the condition holds; rejects after thirty seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await condition());) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${condition.toString()}`);
    await delay(5);
  }
}
