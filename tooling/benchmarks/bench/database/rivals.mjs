// node rivals.mjs URL WORK answer|measure: sends what one operation of each of two rivals gives, or its median time in µs.
import { DatabaseService } from "@infra/database";
import { EmbeddedPostgres } from "@infra/embedded-postgres";
import makeKnex from "knex";

import { median } from "../../statistics.mjs";

const [url, work, wanted] = process.argv.slice(2);
const turnOperations = 5;
const forMs = 4000;
let next = 1000;

const embedded = url === "pglite:memory" ? await EmbeddedPostgres.open({}) : undefined;
const raw = makeKnex({
  client: "pg",
  connection: embedded?.pgConfig() ?? url,
  pool: { min: 0, max: 10 },
});
const db = new DatabaseService({ url });
for (const knex of [raw, db.knex]) await fill(knex);

process.send(
  await (work === "joining"
    ? joining()
    : run(
        operation(raw, (body) => raw.transaction(body)),
        // the root handle: every statement joins the ambient transaction
        operation(db.knex, (body) => db.transaction(() => body(db.knex))),
      )),
);
await raw.destroy();
await embedded?.close();
await db.stop();

async function fill(knex) {
  await knex.raw("drop table if exists measured");
  await knex.raw("create table measured (id int primary key, name text not null, n int not null)");
  await knex.raw("insert into measured select g, 'row ' || g, 0 from generate_series(1, 1000) g");
}

/** One operation of the work that is measured. */
function operation(knex, transaction) {
  return {
    select: () => knex("measured").where({ id: 7 }).first(),
    insert: async () => {
      next += 1;
      const [row] = await knex("measured").insert({ id: next, name: "new", n: 1 }).returning("n");
      return row;
    },
    transaction: () =>
      transaction(async (trx) => {
        const row = await trx("measured").where({ id: 7 }).first();
        await trx("measured").where({ id: 7 }).update({ n: 3 });
        await trx("measured").where({ id: 8 }).update({ n: 3 });
        return row.name;
      }),
  }[work];
}

const readOne = async (knex) => (await knex.raw("select 1 as one")).rows[0].one;

/** The same statements in two transactions of one database: with the handle of one, and with the root's inside the other. */
async function joining() {
  const trx = await db.knex.transaction();
  try {
    return await db.transaction(() =>
      run(
        () => readOne(trx),
        () => readOne(db.knex),
      ),
    );
  } finally {
    await trx.rollback();
  }
}

/** The answers of both, or the median turn of each; every other round the second goes first. */
async function run(...rivals) {
  if (wanted === "answer") return Promise.all(rivals.map((rival) => rival()));
  const turns = rivals.map(() => []);
  const order = [...rivals.entries()];
  const endMs = performance.now() + forMs;
  for (let round = 0; round < 50 || performance.now() < endMs; round += 1) {
    for (const [at, rival] of order) turns[at].push(await microseconds(rival));
    order.reverse();
  }
  // the first rounds are those of the compiler
  return turns.map((each) => median(each.slice(10)));
}

async function microseconds(rival) {
  const startMs = performance.now();
  for (let at = 0; at < turnOperations; at += 1) await rival();
  return (1000 * (performance.now() - startMs)) / turnOperations;
}
