import { setTimeout as sleep } from "node:timers/promises";

import { DatabaseService } from "@infra/database";
import { startPostgres } from "@infra/testing";

export const title =
  "database: PostgreSQL killed under 8 writers loses no acknowledged row, and is missed quietly";

const bars = { redMs: 2000, greenMs: 2000, firstSuccessMs: 500 };

export async function run({ short }) {
  const outages = short ? 1 : 5;
  const server = await startPostgres({ settings: { fsync: "on" } });
  const log = recordingLogger();
  const rejections = [];
  const onRejection = (error) => rejections.push(error);
  process.on("unhandledRejection", onRejection);
  const db = new DatabaseService({ url: server.url, maxConnections: 8 }, { logger: log.logger });
  try {
    await db.query("create table written (n int primary key)");
    // that it is connected
    log.forget();
    const seen = [];
    const writing = startWriters(db);
    for (let at = 0; at < outages; at += 1) seen.push(await outage(server, db, writing));
    const acknowledged = await writing.end();
    const stored = new Set(await db.knex("written").pluck("n"));
    const missing = acknowledged.filter((n) => !stored.has(n)).length;
    const worst = (key) => Math.round(Math.max(...seen.map((each) => each[key])));
    const most = log.mostInASecond();
    const held = Object.entries(bars).every(([key, bar]) => worst(key) <= bar);
    return {
      ok: missing === 0 && acknowledged.length > 0 && rejections.length === 0 && most <= 1 && held,
      seen:
        `${outages} outages of 3 s, ${acknowledged.length} rows acknowledged, ${missing} missing, ` +
        `${rejections.length} unhandled rejections; health red after ${worst("redMs")} ms and green ${worst("greenMs")} ms after the return, ` +
        `first success after ${worst("firstSuccessMs")} ms; at most ${most} log line${most === 1 ? "" : "s"} a second`,
    };
  } finally {
    process.off("unhandledRejection", onRejection);
    await db.stop();
    await server.stop();
  }
}

/** Eight loops that insert; each number is acknowledged, or nobody knows. */
function startWriters(db) {
  const acknowledged = [];
  let next = 0;
  const ending = new AbortController();
  let firstSuccess;
  const write = async () => {
    while (!ending.signal.aborted) {
      const n = (next += 1);
      try {
        await db.transaction(() => db.query("insert into written values (?)", [n]));
        acknowledged.push(n);
        firstSuccess?.(performance.now());
        firstSuccess = undefined;
      } catch {
        // a user who is told of a failure does not ask again within the same moment
        await sleep(20);
      }
    }
  };
  const writers = Promise.all(Array.from({ length: 8 }, write));
  return {
    nextSuccess: () => new Promise((resolve) => (firstSuccess = resolve)),
    async end() {
      ending.abort();
      await writers;
      return acknowledged;
    },
  };
}

async function outage(server, db, writing) {
  await writing.nextSuccess();
  await sleep(1000);
  const killedAt = performance.now();
  await server.kill();
  const redMs = (await untilHealth(db, "down")) - killedAt;
  await sleep(Math.max(0, 3000 - (performance.now() - killedAt)));
  const succeeded = writing.nextSuccess();
  await server.restart();
  // it says that it is ready a moment after it is
  const returnedAt = performance.now();
  const greenMs = (await untilHealth(db, "up")) - returnedAt;
  const firstSuccessMs = (await succeeded) - returnedAt;
  return { redMs, greenMs, firstSuccessMs };
}

async function untilHealth(db, status) {
  const endsAt = performance.now() + 10_000;
  while ((await db.health()).status !== status) {
    if (performance.now() > endsAt) throw new Error(`health did not become ${status}`);
    await sleep(20);
  }
  return performance.now();
}

/** Notes when each line from info upwards was written. */
function recordingLogger() {
  const times = [];
  const write = () => void times.push(performance.now());
  const logger = {
    fatal: write,
    error: write,
    warn: write,
    info: write,
    debug: silent,
    trace: silent,
    isEnabled: (level) => level !== "debug" && level !== "trace",
    child: () => logger,
  };
  const forget = () => times.splice(0);
  const within = (from) => times.filter((at) => at >= from && at < from + 1000).length;
  return { logger, forget, mostInASecond: () => Math.max(0, ...times.map(within)) };
}

function silent() {}
