// What a statement costs through @infra/database and through knex as it comes, on the same engine and client. The rivals
// share a process and take turns of a few milliseconds: what else the machine does reaches both.
import { join } from "node:path";

import { startPostgres } from "@infra/testing";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "One statement at a time: select by key, insert, a transaction of three";
export const unit = "µs";
export const packages = ["@infra/database", "@infra/embedded-postgres", "@infra/testing"];

export function versions() {
  return versionsOf("knex", "pg");
}

const engines = ["postgres", "embedded"];
const works = ["select", "insert", "transaction"];
const ambient = rivals("postgres", "joining", ["its transaction's handle", "the root's, joining"]);

export const contestants = [
  ...engines.flatMap((engine) =>
    works.flatMap((work) => rivals(engine, work, ["knex", "@infra/database"])),
  ),
  ...ambient,
];

export const bars = [
  // times: that of @infra/database is the divisor
  ...engines.flatMap((engine) =>
    works.map((work) => ({
      contestant: `${engine}, ${work}, knex`,
      against: `${engine}, ${work}, @infra/database`,
      least: 0.95,
    })),
  ),
  { contestant: ambient[1].name, against: ambient[0].name, mostBeyond: 5 },
];

let server;

/** Two contestants that are measured together, by whoever's turn is first. */
function rivals(engine, work, names) {
  const program = join(import.meta.dirname, "database", "rivals.mjs");
  const run = async (wanted) => {
    const url = engine === "postgres" ? (await (server ??= startPostgres())).url : "pglite:memory";
    return inOwnProcess(program, url, work, wanted);
  };
  const measured = [[], []];
  return names.map((name, at) => ({
    name: `${engine}, ${work}, ${name}`,
    group: `${engine}, ${work}`,
    /** What one operation gives. */
    answer: async () => (await run("answer"))[at],
    async measure() {
      if (measured[at].length === 0) {
        for (const [each, value] of (await run("measure")).entries()) measured[each].push(value);
      }
      return { value: measured[at].shift() };
    },
  }));
}
