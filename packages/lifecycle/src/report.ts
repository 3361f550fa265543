import type { LifecycleReport, StepReport } from "@infra/interfaces";

const width = 32;

/** A report as a timeline: one line per step, the bar showing when it ran. */
export function formatReport(report: LifecycleReport): string {
  const { phase, ok, reason, totalMs, steps } = report;
  const word = phase === "start" ? (ok ? "started" : "failed to start") : "stopped";
  const head = `${word} in ${ms(totalMs)}${reason === undefined ? "" : ` (${reason})`}`;
  const nameWidth = Math.max(0, ...steps.map(({ name }) => name.length));
  return [head, ...steps.map((step) => line(step, totalMs, nameWidth))].join("\n");
}

function line(step: StepReport, totalMs: number, nameWidth: number): string {
  const { name, startMs, durationMs, outcome, error, held } = step;
  const scale = width / Math.max(totalMs, 1);
  const from = Math.min(width - 1, Math.floor(startMs * scale));
  const length = Math.max(1, Math.min(width - from, Math.round(durationMs * scale)));
  const bar =
    outcome === "skipped"
      ? "".padEnd(width)
      : `${" ".repeat(from)}${"█".repeat(length)}`.padEnd(width);
  const notes = [
    outcome === "done" ? undefined : outcome.toUpperCase(),
    error?.split("\n", 1)[0],
    held && held.length > 0 && `still held: ${held.join(", ")}`,
  ].filter(Boolean);
  const time = outcome === "skipped" ? "" : ms(durationMs);
  return `  ${name.padEnd(nameWidth)} |${bar}| ${time.padStart(8)}${notes.length > 0 ? `  ${notes.join("; ")}` : ""}`;
}

function ms(value: number): string {
  return value < 9950 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
