// What `import()` of a package costs whoever starts a process, beside the library that it wraps.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "import() of each package alone, in a fresh process";
export const unit = "ms";

/** What each package wraps; what it loads on request only is none of its imports, but whoever uses it would load it. */
const libraries = {
  interfaces: [],
  errors: [],
  promises: [],
  utils: [],
  files: [],
  middleware: ["fastify"],
  "embedded-postgres": ["@electric-sql/pglite"],
  config: ["convict"],
  logging: ["winston"],
  di: ["reflect-metadata", "tsyringe"],
  lifecycle: [],
  database: ["knex"],
  security: ["jose"],
  server: ["fastify"],
};

const names = Object.keys(libraries).map((name) => `@infra/${name}`);
const wrapped = [...new Set(Object.values(libraries).map(contestantOf))];

export const packages = names;

export function versions() {
  return versionsOf(...new Set(Object.values(libraries).flat()));
}

export const contestants = [
  ...Object.entries(libraries).map(([name, wraps]) => ({
    name: `@infra/${name}`,
    group: "packages",
    /** What the import leaves behind in the process, beyond what the library does: nothing. */
    answer: () => inOwnProcess(program(), "left", `@infra/${name}`, ...wraps),
    measure: () => milliseconds([`@infra/${name}`]),
  })),
  ...wrapped.map((name) => ({
    name,
    group: name,
    answer: async () => [],
    measure: () => milliseconds(name === "nothing" ? [] : name.split(" + ")),
  })),
];

export const bars = Object.entries(libraries).map(([name, wraps]) => ({
  contestant: `@infra/${name}`,
  against: contestantOf(wraps),
  mostBeyond: 30,
}));

function contestantOf(wraps) {
  return wraps.join(" + ") || "nothing";
}

/** The better of two processes: what else the machine does only adds. */
async function milliseconds(specifiers) {
  const first = await inOwnProcess(program(), "ms", ...specifiers);
  return { value: Math.min(first, await inOwnProcess(program(), "ms", ...specifiers)) };
}

function program() {
  return join(import.meta.dirname, "import", "contestant.mjs");
}
