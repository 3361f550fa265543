import leven from "leven";

/** The name that was probably meant; `undefined` when none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const farthest = Math.max(2, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let least = farthest + 1;
  for (const each of known) {
    const distance = leven(name.toLowerCase(), each.toLowerCase(), { maxDistance: least });
    if (distance < least) {
      least = distance;
      nearest = each;
    }
  }
  return nearest;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}
