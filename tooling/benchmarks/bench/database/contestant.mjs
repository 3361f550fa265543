// node contestant.mjs LIBRARY URL: answers { work, wanted: "answer" } with what one operation gives, and
// { work, wanted: "turn" } with the µs that one took, and those of CPU. Ends when it is disconnected.
const [library, url] = process.argv.slice(2);
const turnOperations = 10;
const table = `measured_${process.pid}`;
let next = 1000;

/** `{ knex, transaction, end }`; a transaction hands the handle to use to its body. */
const makers = {
  async knex() {
    const { default: makeKnex } = await import("knex");
    const embedded = url === "pglite:memory" ? await openEmbedded() : undefined;
    const knex = makeKnex({
      client: "pg",
      connection: embedded?.pgConfig() ?? url,
      pool: { min: 0, max: 10 },
    });
    return {
      knex,
      transaction: (body) => knex.transaction(body),
      async end() {
        await knex.destroy();
        await embedded?.close();
      },
    };
  },

  async "@infra/database"() {
    const { DatabaseService } = await import("@infra/database");
    const db = new DatabaseService({ url });
    return {
      knex: db.knex,
      // the root handle: every statement joins the ambient transaction
      transaction: (body) => db.transaction(() => body(db.knex)),
      end: () => db.stop(),
    };
  },
};

const { knex, transaction, end } = await makers[library]();
await knex.raw(`create table ${table} (id int primary key, name text not null, n int not null)`);
await knex.raw(`insert into ${table} select g, 'row ' || g, 0 from generate_series(1, 1000) g`);
// as in any application: from the first one on, every promise of the process is followed
await transaction((trx) => trx(table).where({ id: 7 }).first());

const operations = {
  select: () => knex(table).where({ id: 7 }).first(),
  insert: async () => {
    next += 1;
    const [row] = await knex(table).insert({ id: next, name: "new", n: 1 }).returning("n");
    return row;
  },
  transaction: () =>
    transaction(async (trx) => {
      const row = await trx(table).where({ id: 7 }).first();
      await trx(table).where({ id: 7 }).update({ n: 3 });
      await trx(table).where({ id: 8 }).update({ n: 3 });
      return row.name;
    }),
};

process.on("message", async ({ work, wanted }) => {
  const operation = operations[work];
  process.send(wanted === "answer" ? await operation() : await microseconds(operation));
});
process.once("disconnect", async () => {
  await knex.raw(`drop table ${table}`);
  await end();
  process.exit();
});
process.send("ready");

async function microseconds(operation) {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  for (let at = 0; at < turnOperations; at += 1) await operation();
  const took = (1000 * (performance.now() - startMs)) / turnOperations;
  const { user, system } = process.cpuUsage(cpu);
  return { took, cpu: (user + system) / turnOperations };
}

async function openEmbedded() {
  const { EmbeddedPostgres } = await import("@infra/embedded-postgres");
  return EmbeddedPostgres.open({});
}
