/** The name that differs least from what was asked for, if it is near enough to be a slip. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  const target = wanted.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(target.length / 2));
  for (const name of names) {
    const candidate = name.toLowerCase();
    const contained = candidate.includes(target) || target.includes(candidate);
    const distance = contained && candidate.length > 2 ? 1 : editDistance(target, candidate);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(
        next[j - 1]! + 1,
        row[j]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length]!;
}
