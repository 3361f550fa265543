import type { Clock } from "@infra/interfaces";

/** What gives a file another name: `rename` or `link` of `node:fs/promises`. */
export type Rename = (from: string, to: string) => Promise<void>;

const passing = new Set(["EPERM", "EACCES", "EBUSY"]);
const patienceMs = 5000;

/**
 * Renames. On Windows a virus scanner or an indexer that has just opened a file makes this fail for a moment, so there it
 * is tried again for up to five seconds.
 */
export async function renameRetrying(
  from: string,
  to: string,
  deps: { readonly rename: Rename; readonly platform: NodeJS.Platform; readonly clock: Clock },
): Promise<void> {
  const { rename, platform, clock } = deps;
  const until = clock.monotonic() + patienceMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    try {
      return await rename(from, to);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (platform !== "win32" || !passing.has(code) || clock.monotonic() >= until) throw error;
    }
    await new Promise<void>((resolve) => {
      clock.setTimeout(resolve, pauseMs);
    });
  }
}
