/** The value at a share of a sample, between neighbours where needed. */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at % 1);
}

export function median(values) {
  return quantile(values, 0.5);
}

/** Half of what the middle half of the sample covers. */
export function spread(values) {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
}

/** Whether a bar is reached; one missed by less than the spread, `within`, is a draw. */
export function verdict(missedBy, within) {
  return missedBy <= 0 ? "pass" : missedBy < within ? "draw" : "miss";
}
