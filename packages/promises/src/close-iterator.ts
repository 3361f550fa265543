/** Closes the source of an error or of a reader who left. What goes wrong with that comes after what is reported. */
export async function closeIterator(
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
): Promise<void> {
  try {
    await iterator.return?.();
  } catch {}
}
