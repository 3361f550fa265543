// What an error costs: to make, to write down, and to read again.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "Errors with a cause: create, serialise, parse";
export const unit = "operations/s";
export const packages = ["@infra/errors"];

export function versions() {
  return versionsOf("serialize-error");
}

export const contestants = [
  contestant("new Error", "create"),
  contestant("@infra/errors", "create"),
  contestant("serialize-error", "serialise"),
  contestant("@infra/errors", "serialise"),
  contestant("serialize-error", "parse"),
  contestant("@infra/errors", "parse"),
];

export const bars = [
  { contestant: "@infra/errors, create", against: "new Error, create", least: 1 / 1.3 },
];

function contestant(library, work) {
  const program = join(import.meta.dirname, "errors", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    /** Name, message and stack of the error and of its cause, as far as they are the same for all. */
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  };
}
