/**
 * Whether two values are the same in depth, as `util.isDeepStrictEqual` has it: dates, maps, sets, buffers, errors and
 * cycles by content, prototypes too, `NaN` like itself and `0` unlike `-0`.
 */
export function equal(a: unknown, b: unknown): boolean {
  return process.getBuiltinModule("node:util").isDeepStrictEqual(a, b);
}
