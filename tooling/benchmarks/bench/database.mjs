// What a statement costs through @infra/database and through knex as it comes, on the same engine and client.
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

export const contestants = [
  ...engines.flatMap((engine) =>
    works.flatMap((work) => [
      contestant(engine, "knex", work),
      contestant(engine, "@infra/database", work),
    ]),
  ),
  contestant("postgres", "@infra/database", "with the handle of its transaction"),
  contestant("postgres", "@infra/database", "in the ambient transaction"),
];

export const bars = [
  // times: the library's is the divisor
  ...engines.flatMap((engine) =>
    works.map((work) => ({
      contestant: `${engine}, knex, ${work}`,
      against: `${engine}, @infra/database, ${work}`,
      least: 0.95,
    })),
  ),
  {
    contestant: "postgres, @infra/database, in the ambient transaction",
    against: "postgres, @infra/database, with the handle of its transaction",
    mostBeyond: 5,
  },
];

let server;

function contestant(engine, library, work) {
  const program = join(import.meta.dirname, "database", "contestant.mjs");
  const run = async (wanted) => {
    const url = engine === "postgres" ? (await (server ??= startPostgres())).url : "pglite:memory";
    return inOwnProcess(program, url, library, work, wanted);
  };
  return {
    name: `${engine}, ${library}, ${work}`,
    group: work.endsWith("transaction") && work !== "transaction" ? "ambient" : work,
    /** What one operation gives. */
    answer: () => run("answer"),
    measure: async () => ({ value: 1_000_000 / (await run("measure")) }),
  };
}
