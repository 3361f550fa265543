// The table of all benches, as Markdown.
/** A row of a bar without a verdict, below seven rounds or of a bench that failed, is no missed bar. */
const marks = { pass: "reached", draw: "missed within the noise", miss: "**missed**" };

/**
 * @param results `[{ name, title, rounds, seconds, versions, bars, failure }]`, the bars as `runBench` has them
 * @param date of the run, a `Date`
 * @param machine what it ran on, as text
 */
export function benchReport(results, date, machine) {
  const bars = results.flatMap(({ bars: own }) => own);
  const count = (verdict) => bars.filter((bar) => bar.verdict === verdict).length;
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const versions = Object.assign({}, ...results.map((result) => result.versions));
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return [
    "# Benches",
    "",
    "Written by `pnpm bench`, which runs all of them; not to be edited.",
    "",
    `${date.toISOString().slice(0, 16).replace("T", " ")} UTC, in ${Math.round(seconds / 60)} minutes, on ${machine}.`,
    "",
    `${bars.length} bars: ${count("pass")} reached, ${count("miss")} missed, ${count("draw")} missed within the noise${failed > 0 ? `; ${failed} benches failed` : ""}.`,
    "",
    "A bar holds one against another in the same round, and takes the median of the rounds; the noise is half of what the middle half of the",
    "rounds covers. A bar that is missed by less than the noise is marked so. What was measured are the medians of the two.",
    "",
    ...results.flatMap(benchLines),
    "## Versions",
    "",
    `${named.join(", ")}.`,
    "",
  ].join("\n");
}

function benchLines({ name, title, rounds, bars, failure }) {
  const head = [`## ${name}`, "", `${title}. ${rounds} rounds.`, ""];
  if (failure !== undefined) return [...head, `**Failed**: ${failure.split("\n")[0]}`, ""];
  const rows = bars.map(({ what, measured, seen, noise, wanted, verdict }) => [
    what,
    measured,
    seen,
    `± ${noise}`,
    wanted,
    marks[verdict] ?? verdict,
  ]);
  return [
    ...head,
    ...markdownTable([["of what", "measured", "ratio or difference", "noise", "bar", ""], ...rows]),
    "",
  ];
}

/** Rows of cells as the lines of a Markdown table, the first one its heading. */
function markdownTable([heading, ...rows]) {
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)];
}

function line(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
