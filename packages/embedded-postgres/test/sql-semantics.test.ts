import { testDatabases } from "@infra/testing";
import { describe } from "@jest/globals";

import { EmbeddedPostgres } from "../src/index.js";
import { describeSqlSemantics, type Target } from "./sql-semantics.js";

const embedded = (thread: boolean) => async (): Promise<Target> => {
  const server = await EmbeddedPostgres.open({ thread });
  return { config: server.pgConfig(), stop: () => server.close() };
};

describeSqlSemantics("the embedded engine", embedded(true));
describeSqlSemantics("the embedded engine in the caller's thread", embedded(false), {
  queryTimeout: "the thread that would give up is the one that runs the query",
});

const [, postgres] = await testDatabases(process.env);
const onServer = postgres!.missing === undefined ? describe : describe.skip;

onServer(`with ${postgres!.title}`, () => {
  describeSqlSemantics("a PostgreSQL server", async () => {
    const {
      hostname: host,
      port,
      username: user,
      password,
      pathname,
    } = new URL(await postgres!.url());
    return {
      config: { host, port: Number(port), user, password, database: pathname.slice(1) },
      stop: () => postgres!.close(),
    };
  });
});
