// Lines to a file, and calls that log nothing.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "JSON lines to a file, until all are there: 5 fields; a child logger in a request's context. Calls below the level";
export const unit = "calls/s";
export const packages = ["@infra/logging"];

export function versions() {
  return versionsOf("winston", "pino");
}

const works = ["5 fields", "child", "disabled"];

export const contestants = [
  ...works.flatMap((work) =>
    ["winston", "pino", "@infra/logging"].map((library) => contestant(library, work)),
  ),
  {
    name: "20 ns a call",
    group: "a bar",
    answer: async () => [],
    measure: async () => ({ value: 50_000_000 }),
  },
];

export const bars = [
  { contestant: "@infra/logging, 5 fields", against: "winston, 5 fields", least: 2 },
  { contestant: "@infra/logging, child", against: "winston, child", least: 2 },
  { contestant: "@infra/logging, disabled", against: "20 ns a call", least: 1 },
];

function contestant(library, work) {
  const program = join(import.meta.dirname, "logging", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    /** The lines that three calls leave in the file, without their times. */
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  };
}
