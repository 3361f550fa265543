import { describe, expect, it } from "@jest/globals";

import type { Backend } from "../../src/engine/backend.js";
import { Counters } from "../../src/engine/counters.js";
import { Maintenance } from "../../src/engine/maintenance.js";
import type { Multiplexer } from "../../src/engine/multiplexer.js";

// what it asks for: one of the two numbers, or the tables that are due
const answer = (sql: string) =>
  sql.includes("pg_stat_user_tables")
    ? [
        ["vacuum (analyze)", "public.a"],
        ["analyze", "public.b"],
      ]
    : [["0"]];

const run = async <T>(work: () => T) => work();

const maintenanceThat = (onCommand: (sql: string) => void) => {
  const rows = (sql: string) => {
    if (!/^\s*select/.test(sql)) onCommand(sql);
    return answer(sql);
  };
  const counters = new Counters();
  return new Maintenance(
    { rows } as unknown as Backend,
    { run } as unknown as Multiplexer,
    counters,
  );
};

describe("Maintenance", () => {
  it("does what is due, once at a time", async () => {
    const commands: string[] = [];
    const maintenance = maintenanceThat((sql) => void commands.push(sql));
    await Promise.all([maintenance.run(), maintenance.run()]);
    expect(commands).toEqual(["vacuum (analyze) public.a", "analyze public.b"]);
  });

  it("does no more when it is stopped, so that nothing runs in an engine that is closed", async () => {
    const commands: string[] = [];
    const maintenance = maintenanceThat((sql) => {
      commands.push(sql);
      maintenance.stop();
    });
    await maintenance.run();
    expect(commands).toEqual(["vacuum (analyze) public.a"]);
  });
});
