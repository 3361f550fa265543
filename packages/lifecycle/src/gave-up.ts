import type { Clock } from "@infra/interfaces";

/** Says that something is not waited for any longer; it may still be running. */
export class GaveUp extends Error {
  /** The kinds of resources that kept the process alive then, as Node.js names them. */
  readonly held: readonly string[];

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.held = activeResources();
  }
}

/** What keeps the process alive, counted: `["TCPSocketWrap ×3", "Timeout"]`. */
export function activeResources(): string[] {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${kind} ×${count}`));
}

/** Waits for work, but no longer than until `giveUp` calls back. */
export async function waitUntil<T>(
  work: Promise<T>,
  giveUp: (callback: (reason: Error) => void) => () => void,
): Promise<T> {
  let cancel: (() => void) | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        cancel = giveUp(reject);
      }),
    ]);
  } finally {
    cancel?.();
  }
}

/** Resolves after a time on a clock, or when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || delayMs <= 0) {
      resolve();
      return;
    }
    const cancel = clock.setTimeout(end, delayMs);
    function end(): void {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end, { once: true });
  });
}
