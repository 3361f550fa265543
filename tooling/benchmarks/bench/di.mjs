// What a container is asked for all day: objects, a singleton, a request's scope; and what it does once, at boot.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "Resolve 6 transient objects; a warm singleton; a request scope: create, resolve, dispose. Bind 5 services; verify 200";
export const unit = "operations/s";
export const packages = ["@infra/di"];

export function versions() {
  return versionsOf("tsyringe");
}

const works = ["6 objects", "singleton", "scope", "5 services"];

export const contestants = [
  ...works.flatMap((work) => ["tsyringe", "@infra/di"].map((name) => contestant(name, work))),
  contestant("@infra/di", "verify"),
  {
    name: "50 ms a time",
    group: "a bar",
    answer: async () => [],
    measure: async () => ({ value: 20 }),
  },
];

export const bars = [
  { contestant: "@infra/di, 6 objects", against: "tsyringe, 6 objects", least: 2 },
  { contestant: "@infra/di, singleton", against: "tsyringe, singleton", least: 2 },
  { contestant: "@infra/di, scope", against: "tsyringe, scope", least: 2 },
  { contestant: "@infra/di, 5 services", against: "tsyringe, 5 services", least: 0.3 },
  { contestant: "@infra/di, verify", against: "50 ms a time", least: 1 },
];

function contestant(library, work) {
  const program = join(import.meta.dirname, "di", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    /** What one operation makes. */
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  };
}
