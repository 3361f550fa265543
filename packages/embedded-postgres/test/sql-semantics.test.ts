import { testDatabases } from "@infra/testing";
import { describe } from "@jest/globals";

import { EmbeddedPostgres } from "../src/index.js";
import { describeSessionSemantics } from "./session-semantics.js";
import { describeSqlSemantics } from "./sql-semantics.js";
import type { Target } from "./target.js";

const embedded = (thread: boolean) => async (): Promise<Target> => {
  const server = await EmbeddedPostgres.open({ thread });
  return { config: server.pgConfig(), stop: () => server.close() };
};

const limits = {
  interrupt: "a statement that runs cannot be interrupted",
  sessionState: "all sessions share one backend",
};

const inThread = "the embedded engine";
const inCaller = "the embedded engine in the caller's thread";

describeSqlSemantics(inThread, embedded(true));
describeSqlSemantics(inCaller, embedded(false));
describeSessionSemantics(inThread, embedded(true), limits);
describeSessionSemantics(inCaller, embedded(false), {
  ...limits,
  queryTimeout: "the thread that would give up is the one that runs the query",
});

const [, postgres] = await testDatabases(process.env);
const onServer = postgres!.missing === undefined ? describe : describe.skip;

async function onPostgres(): Promise<Target> {
  const url = new URL(await postgres!.url());
  const { hostname: host, port, username: user, password, pathname } = url;
  return {
    config: { host, port: Number(port), user, password, database: pathname.slice(1) },
    stop: () => postgres!.close(),
  };
}

onServer(`with ${postgres!.title}`, () => {
  describeSqlSemantics("a PostgreSQL server", onPostgres);
  describeSessionSemantics("a PostgreSQL server", onPostgres);
});
