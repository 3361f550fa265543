// node joining.mjs URL answer|measure: the same statement in two transactions of one database, with the handle of the one,
// and with the root's inside the other; sends what they give, or the median times in µs.
import { DatabaseService } from "@infra/database";

import { median } from "../../statistics.mjs";

const [url, wanted] = process.argv.slice(2);
const turnOperations = 5;
const forMs = 4000;

const db = new DatabaseService({ url });
const trx = await db.knex.transaction();
const readOne = async (knex) => (await knex.raw("select 1 as one")).rows[0].one;
const rivals = [() => readOne(trx), () => readOne(db.knex)];
const result = await db.transaction(() =>
  wanted === "answer" ? Promise.all(rivals.map((rival) => rival())) : measure(),
);
await trx.rollback();
await db.stop();
process.send(result);
process.disconnect();

/** The median turn of both; every other round the second goes first. */
async function measure() {
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
