// The table of a run of the suite on several releases of Node.js.

/** The counts of the closing line of a run: `{ passed, failed, skipped }`, undefined where it did not come to its end. */
export function testCounts(output) {
  const [, passed, failed, skipped] =
    /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output) ?? [];
  return { passed, failed, skipped };
}

/** @param results `[{ node, ok, seconds, passed, failed, skipped }]` */
export function matrixTable(results, date) {
  return [
    `${date.toISOString().slice(0, 10)}:`,
    "",
    "| Node.js | passed | failed | skipped | time | |",
    "| ------- | -----: | -----: | ------: | ---: | --- |",
    ...results.map(
      ({ node, ok, seconds, passed = "?", failed = "?", skipped = "?" }) =>
        `| ${node} | ${passed} | ${failed} | ${skipped} | ${Math.round(seconds)} s | ${ok ? "ok" : "**failed**"} |`,
    ),
  ].join("\n");
}

const begin = "<!-- test:nodes -->";
const end = "<!-- /test:nodes -->";

/** The README with another table between its marks. @throws Error when it has none */
export function withMatrix(readme, table) {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the README has no ${begin} … ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${table}\n\n${readme.slice(to)}`;
}
