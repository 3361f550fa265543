const units = ["B", "kB", "MB", "GB"];

/** A number of bytes for people: `1536` is "1.5 kB". */
export function formatBytes(bytes) {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Rows of cells as aligned lines, the first row a heading; every column but the first two stands to the right. */
export function formatTable(rows) {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => String(row[column]).length)),
  );
  const line = (row) =>
    row
      .map((cell, column) =>
        column < 2 ? String(cell).padEnd(widths[column]) : String(cell).padStart(widths[column]),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join("\n");
}

/** The closing table: one row for each rehearsed package. */
export function rehearsalTable(results) {
  const heading = [
    "package",
    "version",
    "installs",
    "outside",
    "allowed",
    "size",
    "import",
    "usage",
    "",
  ];
  const rows = results.map((result) => [
    result.name,
    result.version,
    result.installed ?? "",
    result.outside?.length ?? "",
    result.allowed ?? "",
    result.bytes === undefined ? "" : formatBytes(result.bytes),
    result.importMs === undefined ? "" : `${result.importMs.toFixed(1)} ms`,
    result.usageBlocks === undefined ? "" : `${result.usageBlocks} ran`,
    result.problems.length === 0 ? "ok" : "FAILED",
  ]);
  return formatTable([heading, ...rows]);
}
