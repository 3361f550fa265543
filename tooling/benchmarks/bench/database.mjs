// What a statement costs through @infra/database and through knex as it comes, on the same engine and client. knex runs in
// a process without our code; the two take turns of a few milliseconds.
import { join } from "node:path";

import { startPostgres } from "@infra/testing";

import { onOneCore } from "../on-one-core.mjs";
import { inOwnProcess } from "../own-process.mjs";
import { median } from "../statistics.mjs";
import { takeTurns, together, withRivals } from "../taking-turns.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "One statement at a time: select by key, insert, a transaction of three";
export const unit = "µs";
export const packages = ["@infra/database", "@infra/embedded-postgres", "@infra/testing"];

export function versions() {
  return versionsOf("knex", "pg");
}

const engines = ["postgres", "embedded"];
const works = ["select", "insert", "transaction"];
const libraries = ["knex", "@infra/database"];
const nameOf = (engine, work, library) => `${engine}, ${work}, ${library}`;
const handles = ["its transaction's handle", "the root's, joining"].map((handle) => ({
  name: nameOf("postgres", "joining", handle),
  group: "joining",
}));

export const contestants = [...engines.flatMap(onEngine), ...joining()];

export const bars = [
  // times: that of @infra/database is the divisor
  ...engines.flatMap((engine) =>
    works.map((work) => ({
      contestant: nameOf(engine, work, "knex"),
      against: nameOf(engine, work, "@infra/database"),
      least: 0.95,
    })),
  ),
  { contestant: handles[1].name, against: handles[0].name, mostBeyond: 5 },
];

let server;

async function urlOf(engine) {
  return engine === "postgres" ? (await (server ??= startPostgres())).url : "pglite:memory";
}

function onEngine(engine) {
  const each = works.flatMap((work) =>
    libraries.map((library) => ({
      name: nameOf(engine, work, library),
      group: `${engine}, ${work}`,
    })),
  );
  const ofEachWork = (ask) =>
    onOneCore(async () => {
      const url = await urlOf(engine);
      const program = join(import.meta.dirname, "database", "contestant.mjs");
      const processes = libraries.map((library) => [library, url]);
      return withRivals(program, processes, async (rivals) => {
        const results = [];
        for (const work of works) results.push(...(await ask(rivals, work)));
        return results;
      });
    });
  return together(each, {
    /** What one operation gives. */
    answers: () =>
      ofEachWork((rivals, work) =>
        Promise.all(rivals.map((rival) => rival.ask({ work, wanted: "answer" }))),
      ),
    measure: () =>
      ofEachWork(async (rivals, work) => {
        // the warm-up is that of the compiler, which has more to do where there is more code
        const options = { turns: 40, forMs: 3000, warmUp: 500 };
        const times = await takeTurns(rivals, { work, wanted: "turn" }, options);
        return times.map((turns) => ({
          value: median(turns.map(({ took }) => took)),
          note: { "µs of CPU": median(turns.map(({ cpu }) => cpu)) },
        }));
      }),
  });
}

/** Two handles of one database, in one process. */
function joining() {
  const program = join(import.meta.dirname, "database", "joining.mjs");
  const run = async (wanted) => inOwnProcess(program, await urlOf("postgres"), wanted);
  return together(handles, {
    answers: () => run("answer"),
    measure: async () => (await run("measure")).map((value) => ({ value })),
  });
}
