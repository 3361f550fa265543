// The outcome of all scenarios, as Markdown.

/** @param results `[{ name, title, ok, seen, seconds }]` */
export function faultsReport(results, { date, machine, versions }) {
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const failed = results.filter(({ ok }) => !ok).length;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# Faults",
    "",
    "Written by `pnpm faults`, which runs all scenarios in their short form; not to be edited.",
    "",
    `${date.toISOString().slice(0, 16).replace("T", " ")} UTC, in ${minutes(seconds)}, on ${machine}; ${named.join(", ")}.`,
    "",
    `${results.length} scenarios: ${results.length - failed} passed, ${failed} failed.`,
    "",
    "| scenario | what has to hold | | seen | time |",
    "| --- | --- | --- | --- | --- |",
    ...results.map(
      ({ name, title, ok, seen, seconds: took }) =>
        `| \`${name}\` | ${cell(title)} | ${ok ? "passed" : "**failed**"} | ${cell(seen)} | ${took.toFixed(0)} s |`,
    ),
    "",
  ].join("\n");
}

function minutes(seconds) {
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** On one line, and without what would end the cell; of an error its first line, for the rest names files of a machine. */
function cell(text) {
  const lines = text.split("\n").map((line) => line.trim());
  const own = lines.findIndex((line) => line.startsWith("at "));
  return (own < 0 ? lines : lines.slice(0, own)).join("; ").replaceAll("|", "\\|");
}
