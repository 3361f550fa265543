import { describe, expect, it } from "@jest/globals";
import createKnex from "knex";

import { knexLogger } from "../src/index.js";
import { recordedLogger } from "./recorded-logger.js";

describe("knexLogger()", () => {
  it("takes what knex itself says", () => {
    const { logger, lines } = recordedLogger({ level: "debug" });
    const knex = createKnex({ client: "pg", log: knexLogger(logger) });
    knex.schema.createTableIfNotExists("notes", () => {});
    const table = knex.schema.createTable("notes", (notes) => {
      (notes as unknown as { json(name: string, binary: boolean): void }).json("a", true);
    });
    expect(table.toString()).toContain('create table "notes"');
    expect(lines()).toEqual([
      expect.stringMatching(/^warn knex Use async \.hasTable/),
      "warn knex json(true) is deprecated, please use jsonb()",
    ]);
  });

  it("keeps an error an error, and an object an object", () => {
    const { logger, recorder, lines } = recordedLogger({ level: "debug" });
    const { client } = createKnex({ client: "pg", log: knexLogger(logger) }) as unknown as {
      client: { logger: { error(message: unknown): void; debug(message: unknown): void } };
    };
    client.logger.error(new Error("boom"));
    client.logger.debug({ sql: "select 1", bindings: [1] });
    expect(lines()).toEqual(["error knex boom", "debug knex knex"]);
    expect(recorder.entries.map(({ meta }) => meta)).toMatchObject([
      { error: { message: "boom", stack: expect.any(String) } },
      { value: { sql: "select 1", bindings: [1] } },
    ]);
  });

  it("takes the two arguments that knex declares for deprecate()", () => {
    const { logger, lines } = recordedLogger({ level: "debug" });
    knexLogger(logger).deprecate("old()", "new()");
    expect(lines()).toEqual(["warn knex old() is deprecated, please use new()"]);
  });
});
