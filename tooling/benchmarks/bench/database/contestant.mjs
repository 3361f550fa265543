// node contestant.mjs URL LIBRARY WORK answer|measure: sends what one operation gives, or how many there are a second.
import { best } from "../../own-process.mjs";

const [url, library, work, wanted] = process.argv.slice(2);
const { knex, transaction, close } = await open();
await knex.raw("drop table if exists measured");
await knex.raw("create table measured (id int primary key, name text not null, n int not null)");
await knex.raw("insert into measured select g, 'row ' || g, 0 from generate_series(1, 1000) g");
let next = 1000;

const operations = {
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
};

process.send(await (wanted === "answer" ? answer() : measure()));
await close();

async function open() {
  if (library === "knex") {
    const { default: makeKnex } = await import("knex");
    const { connection, end } = await connectionOf();
    const raw = makeKnex({ client: "pg", connection, pool: { min: 0, max: 10 } });
    return {
      knex: raw,
      transaction: (run) => raw.transaction(run),
      close: async () => {
        await raw.destroy();
        await end();
      },
    };
  }
  const { DatabaseService } = await import("@infra/database");
  const db = new DatabaseService({ url });
  await db.start();
  return {
    knex: db.knex,
    // the root handle: every statement joins the ambient transaction
    transaction: (run) => db.transaction(() => run(db.knex)),
    close: () => db.stop(),
  };
}

async function connectionOf() {
  if (url !== "pglite:memory") return { connection: url, end: async () => {} };
  const { EmbeddedPostgres } = await import("@infra/embedded-postgres");
  const embedded = await EmbeddedPostgres.open({});
  return { connection: embedded.pgConfig(), end: () => embedded.close() };
}

function answer() {
  return work in operations ? operations[work]() : inTransaction((on) => readOne(on));
}

function measure() {
  if (work in operations) return best(() => perSecond(100, operations[work]), { forMs: 1500 });
  return inTransaction((on) => best(() => perSecond(500, () => readOne(on)), { forMs: 3000 }));
}

async function readOne(on) {
  return (await on.raw("select 1 as one")).rows[0].one;
}

/** One transaction: read with the handle that it gives, or with the root's, which joins it. */
function inTransaction(run) {
  return work === "in the ambient transaction"
    ? transaction(run)
    : knex.transaction((trx) => run(trx));
}

async function perSecond(count, operation) {
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) await operation();
  return (1000 * count) / (performance.now() - startMs);
}
