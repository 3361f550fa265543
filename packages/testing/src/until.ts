import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until `check` gives something other than `undefined` and `false`, and resolves to it; looks every 5 ms.
 *
 * @throws an error when it has not after `timeoutMs`, 10 s by default; what `check` throws.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<Exclude<T, undefined | false>> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const seen = await check();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (performance.now() > endMs)
      throw new Error(`until: not so after ${timeoutMs} ms: ${String(check)}`);
    await sleep(5);
  }
}
