/** Waits until something holds, for ten seconds at the most unless told otherwise. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  forMs = 10_000,
): Promise<void> {
  const endsAt = performance.now() + forMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`did not come true: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
