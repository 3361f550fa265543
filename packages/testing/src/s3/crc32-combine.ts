/** The CRC-32 of two contents one behind the other, from the CRC-32 of each: what S3 does with the parts of an upload. */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  if (secondBytes === 0) return first;
  // the operator that appends one zero bit, squared again and again: one byte, two, four, …
  let operator = Array.from({ length: 32 }, (_, at) => (at === 0 ? 0xedb88320 : 2 ** (at - 1)));
  for (let squared = 0; squared < 3; squared += 1) operator = square(operator);
  let crc = first;
  for (let left = secondBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) crc = apply(operator, crc);
    operator = square(operator);
  }
  return (crc ^ second) >>> 0;
}

function apply(operator: readonly number[], vector: number): number {
  let sum = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    if ((vector >>> bit) & 1) sum ^= operator[bit]!;
  }
  return sum >>> 0;
}

function square(operator: readonly number[]): number[] {
  return operator.map((column) => apply(operator, column));
}
