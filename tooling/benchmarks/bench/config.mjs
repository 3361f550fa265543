// Thirty settings in three sections, from defaults, a file and the environment; and reading them.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "30 keys: load and validate them; read them, a million times a turn";
export const unit = "operations/s";
export const packages = ["@infra/config", "@infra/interfaces"];

export function versions() {
  return versionsOf("convict");
}

export const contestants = [
  contestant("convict", "load"),
  contestant("@infra/config", "load"),
  contestant("convict", "get"),
  contestant("@infra/config", "get"),
];

export const bars = [
  { contestant: "@infra/config, load", against: "convict, load", least: 1 / 1.5 },
  { contestant: "@infra/config, get", against: "convict, get", least: 20 },
];

function contestant(library, work) {
  const program = join(import.meta.dirname, "config", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    /** The thirty values. */
    answer: () => inOwnProcess(program, library, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work) }),
  };
}
