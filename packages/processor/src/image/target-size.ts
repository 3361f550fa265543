import { TargetSizeError } from "../errors.js";

/** What an encoder made at some quality. */
export interface Attempt<T> {
  readonly result: T;
  readonly sizeBytes: number;
}

/**
 * The highest quality, within bounds, whose result is no larger than the target: tried by halving.
 *
 * @throws TargetSizeError when even the lowest is too large.
 */
export async function highestQuality<T>(
  targetBytes: number,
  { least, most }: { readonly least: number; readonly most: number },
  encode: (quality: number) => Promise<Attempt<T>>,
): Promise<{ readonly quality: number; readonly result: T }> {
  const first = await encode(most);
  if (first.sizeBytes <= targetBytes) return { quality: most, result: first.result };
  let fitting: { readonly quality: number; readonly result: T } | undefined;
  let smallestBytes = first.sizeBytes;
  let [low, high] = [least, most - 1];
  while (low <= high) {
    const quality = Math.floor((low + high) / 2);
    const { result, sizeBytes } = await encode(quality);
    smallestBytes = Math.min(smallestBytes, sizeBytes);
    if (sizeBytes <= targetBytes) {
      fitting = { quality, result };
      low = quality + 1;
    } else high = quality - 1;
  }
  if (fitting) return fitting;
  throw new TargetSizeError(
    `the image has ${smallestBytes} bytes at its smallest (quality ${least}), at most ${targetBytes} are wanted (targetSize)`,
    { details: { targetBytes, smallestBytes } },
  );
}
