import { describe, expect, it } from "@jest/globals";

import { dottedNames, sqlEffects } from "../../src/protocol/sql-effects.js";

describe("sqlEffects", () => {
  it.each([
    ["set search_path to x"],
    ["  RESET ALL;"],
    ["select set_config('a.b', 'c', false)"],
    ["begin; set x = 1; commit"],
    ["/* comment */ discard all"],
  ])("%s may change settings", (sql) => {
    expect(sqlEffects(sql).settings).toBe(true);
  });

  it.each([
    ["update t set x = 1"],
    ["insert into t values(1) on conflict do update set x = 2"],
    ["with a as (update t set x = 1 returning *) select * from a"],
    ["select 1"],
  ])("%s changes no settings", (sql) => {
    expect(sqlEffects(sql).settings).toBe(false);
  });

  it.each([["listen x"], ["-- why\nLISTEN x"], ["begin; unlisten *; commit"], ["discard all"]])(
    "%s may change channels",
    (sql) => {
      expect(sqlEffects(sql).channels).toBe(true);
    },
  );

  it.each([
    ["copy t from stdin", "alone"],
    ["-- rows\nCOPY t(a, b) FROM STDIN (FORMAT binary);", "alone"],
    ["begin; copy t from stdin", "among"],
    ["copy t from stdin; select 1", "among"],
    ["insert into t values('copy t from stdin')", undefined],
    ["select $x$ copy t from stdin $x$", undefined],
    ["copy t to stdout", undefined],
  ])("%s copies in: %s", (sql, expected) => {
    expect(sqlEffects(sql).copyIn).toBe(expected);
  });

  it("dottedNames() finds the settings that an application makes up", () => {
    expect(dottedNames("select set_config('App.tenant', '1', false), a.b.c from x")).toEqual([
      "app.tenant",
      "a.b.c",
    ]);
  });
});
