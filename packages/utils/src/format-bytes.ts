const units = ["B", "KB", "MB", "GB", "TB"];

/**
 * A size for a person, in powers of 1,024 like options of the type `ByteSize`: `512 B`, `1.5 KB`, `10 MB`. `parseBytes`
 * reads it.
 *
 * @throws RangeError when it is negative or not a number.
 */
export function formatBytes(sizeBytes: number): string {
  if (!(sizeBytes >= 0)) {
    throw new RangeError(`formatBytes: sizeBytes must be >= 0, got ${String(sizeBytes)}`);
  }
  if (sizeBytes === Infinity) return "∞";
  let value = sizeBytes;
  let unit = 0;
  // 1,023.96 KB is written as 1 MB
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}
