import leven from "leven";

/** The name that differs least from what was asked for, if it is near enough to be a slip. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  const target = wanted.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(target.length / 2));
  for (const name of names) {
    const candidate = name.toLowerCase();
    const contained = candidate.includes(target) || target.includes(candidate);
    const distance =
      contained && candidate.length > 2 ? 1 : leven(target, candidate, { maxDistance: least });
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}
